package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.DiffusionOps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Grid;
import ddpm.engine.backend.cuda.kernel.RowCut;
import java.util.HashMap;
import java.util.Map;

/** Forward noising and reverse steps: noise_add.cu, reverse_step.cu and reverse_threshold.cu. */
final class CudaDiffusion implements DiffusionOps {
    private static final int THRESHOLD_THREADS = 256; // of reverse_threshold.cu

    private final CudaKernel noiseAdd;
    private final CudaKernel qSample;
    private final CudaKernel still;
    private final Map<String, CudaKernel> steps = new HashMap<>();
    private final CudaKernel threshold;
    private final CudaKernel scale;

    CudaDiffusion(CudaKernels kernels) {
        noiseAdd = kernels.get("noise_add");
        qSample = kernels.get("q_sample");
        still = kernels.get("reverse_step_still");
        for (int kind = 0; kind < 8; kind++) {
            String name = step((kind & 1) != 0, (kind & 2) != 0, (kind & 4) != 0);
            steps.put(name, kernels.get(name));
        }
        threshold = kernels.get("reverse_threshold");
        scale = kernels.get("reverse_scale");
    }

    private static String step(boolean learned, boolean threshold, boolean slots) {
        return "reverse_step" + (learned ? "_learned" : "") + (threshold ? "_threshold" : "") + (slots ? "_slots" : "");
    }

    @Override
    public void noiseAdd(
            NoiseAdd g,
            Buffer numbers,
            Buffer images,
            Buffer table,
            Buffer xt,
            Buffer target,
            Buffer time,
            Buffer weight,
            Buffer row) {
        RowCut cut = RowCut.of(g.batch());
        cut.launch(noiseAdd)
                .arg(numbers)
                .arg(images)
                .arg(table)
                .arg(xt)
                .arg(target)
                .arg(time)
                .arg(weight)
                .arg(row)
                .arg(g.seed())
                .arg(g.noise().id())
                .arg(g.times().id())
                .arg(g.flips().id())
                .arg(Math.toIntExact(g.images()))
                .arg(Math.toIntExact(g.whole()))
                .arg(cut.length())
                .arg((int) g.batch().w())
                .arg((int) g.batch().c())
                .arg(g.rows())
                .arg(g.flip() ? 1 : 0)
                .arg(g.stratified() ? 1 : 0)
                .arg(cut.parts())
                .run();
    }

    @Override
    public void qSample(Nhwc g, Buffer x0, Buffer row, Buffer eps, Buffer table, Buffer xt) {
        RowCut cut = RowCut.of(g);
        cut.launch(qSample)
                .arg(x0)
                .arg(row)
                .arg(eps)
                .arg(table)
                .arg(xt)
                .arg(cut.length())
                .arg(cut.parts())
                .run();
    }

    /** A kernel gets only what it reads: the instance is one for the terms that there are. */
    @Override
    public void reverse(
            ReverseStep g, Buffer numbers, Buffer x, Buffer f, Buffer slots, Buffer limit, Buffer next, Buffer x0) {
        RowCut cut = RowCut.of(g.x());
        boolean limited = g.clipping() == Clipping.THRESHOLD;
        CudaKernel kernel = g.evaluates() ? steps.get(step(g.learned(), limited, g.slots() > 0)) : still;
        cut.launch(kernel)
                .arg(numbers)
                .arg(x)
                .arg(g.evaluates() ? f : null)
                .arg(g.slots() > 0 ? slots : null)
                .arg(g.evaluates() && limited ? limit : null)
                .arg(next)
                .arg(g.evaluates() ? x0 : null)
                .arg(g.seed())
                .arg(g.stream().id())
                .arg(Math.toIntExact(g.x().n()))
                .arg(cut.length())
                .arg((int) g.x().c())
                .arg(g.slots())
                .arg(g.clipping() == Clipping.CLIP ? 1 : 0)
                .arg(cut.parts())
                .run();
    }

    @Override
    public void threshold(ReverseStep g, Buffer numbers, Buffer x, Buffer f, Buffer limit) {
        threshold
                .blocks(g.x().n())
                .threads(THRESHOLD_THREADS)
                .arg(numbers)
                .arg(x)
                .arg(f)
                .arg(limit)
                .arg(Math.toIntExact(g.x().pixels() * g.x().c()))
                .arg((int) g.x().c())
                .arg(g.learned() ? 1 : 0)
                .run();
    }

    @Override
    public void scale(long n, Buffer numbers, Buffer x, Buffer y) {
        scale.blocks(Grid.blocks(n))
                .threads(Grid.THREADS)
                .arg(numbers)
                .arg(x)
                .arg(y)
                .arg(n)
                .run();
    }
}
