package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.LabelOps;
import ddpm.engine.backend.LabelOps.Guide;
import ddpm.engine.backend.LabelOps.LabelDraw;
import ddpm.engine.backend.LabelOps.Labels;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Grid;

/** What a network is told of an image: label.cu and guide.cu. */
final class CudaLabel implements LabelOps {
    private static final int GUIDE_THREADS = 256; // of guide_factor: its lanes

    private final CudaKernel embedding;
    private final CudaKernel embeddingBackward;
    private final CudaKernel draw;
    private final CudaKernel twice;
    private final CudaKernel guide;
    private final CudaKernel guideFactor;

    CudaLabel(CudaKernels kernels) {
        embedding = kernels.get("label_embedding");
        embeddingBackward = kernels.get("label_embedding_backward");
        draw = kernels.get("label_draw");
        twice = kernels.get("guide_twice");
        guide = kernels.get("guide");
        guideFactor = kernels.get("guide_factor");
    }

    @Override
    public void embedding(Labels g, Buffer label, Buffer table, Buffer y) {
        embedding
                .blocks(Grid.blocks(g.n() * g.dim()))
                .threads(Grid.THREADS)
                .arg(label)
                .arg(table)
                .arg(y)
                .arg(Math.toIntExact(g.n()))
                .arg(Math.toIntExact(g.classes()))
                .arg(Math.toIntExact(g.dim()))
                .run();
    }

    @Override
    public void embeddingBackward(Labels g, Buffer label, Buffer dy, Buffer dtable) {
        embeddingBackward
                .blocks(Grid.blocks(g.classes() * g.dim()))
                .threads(Grid.THREADS)
                .arg(label)
                .arg(dy)
                .arg(dtable)
                .arg(Math.toIntExact(g.n()))
                .arg(Math.toIntExact(g.classes()))
                .arg(Math.toIntExact(g.dim()))
                .run();
    }

    @Override
    public void draw(LabelDraw g, Buffer numbers, Buffer labels, Buffer label) {
        draw.blocks(Grid.blocks(g.n()))
                .threads(Grid.THREADS)
                .arg(numbers)
                .arg(labels)
                .arg(label)
                .arg(g.seed())
                .arg(g.threshold())
                .arg(g.drops().id())
                .arg(Math.toIntExact(g.images()))
                .arg(Math.toIntExact(g.n()))
                .run();
    }

    @Override
    public void twice(long n, Buffer x, Buffer y) {
        twice.blocks(Grid.blocks(n)).threads(Grid.THREADS).arg(x).arg(y).arg(n).run();
    }

    @Override
    public void guide(Guide g, Buffer f, Buffer factor, Buffer y) {
        boolean rescaled = g.rescale() != 0;
        int pixels = Math.toIntExact(g.output().pixels());
        int channels = Math.toIntExact(g.output().c());
        if (rescaled) {
            guideFactor
                    .blocks(g.output().n())
                    .threads(GUIDE_THREADS)
                    .arg(f)
                    .arg(factor)
                    .arg(pixels)
                    .arg(channels)
                    .arg((int) g.channels())
                    .arg(g.scale())
                    .arg(g.rescale())
                    .run();
        }
        guide.blocks(Grid.blocks(g.output().count()))
                .threads(Grid.THREADS)
                .arg(f)
                .arg(rescaled ? factor : null)
                .arg(y)
                .arg(g.output().count())
                .arg(Math.multiplyExact(pixels, channels))
                .arg(channels)
                .arg((int) g.channels())
                .arg(g.scale())
                .run();
    }
}
