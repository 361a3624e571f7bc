package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ElementwiseOps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Grid;
import ddpm.engine.backend.cuda.kernel.Launch;

/** Elementwise operations and their broadcasts: elementwise.cu, functions.cu, silu.cu, broadcast.cu and embedding.cu. */
public final class CudaElementwise implements ElementwiseOps {
    private static final int SECTOR_BYTES = 32; // the least that memory delivers
    private static final int MOST_IMAGES = 65_535; // of a grid; blocks take more in turns

    private final CudaKernel add;
    private final CudaKernel combine;
    private final CudaKernel apply;
    private final CudaKernel applyBackward;
    private final CudaKernel scale;
    private final CudaKernel fill;
    private final CudaKernel silu;
    private final CudaKernel siluBackward;
    private final CudaKernel addPerImage;
    private final CudaKernel sumPixels;
    private final CudaKernel timestepEmbedding;

    public CudaElementwise(CudaKernels kernels) {
        add = kernels.get("add_f32");
        combine = kernels.get("combine_f32");
        apply = kernels.get("function_forward_f32");
        applyBackward = kernels.get("function_backward_f32");
        scale = kernels.get("scale_f32");
        fill = kernels.get("fill_f32");
        silu = kernels.get("silu_forward_f32");
        siluBackward = kernels.get("silu_backward_f32");
        addPerImage = kernels.get("add_per_image_f32");
        sumPixels = kernels.get("sum_pixels_f32");
        timestepEmbedding = kernels.get("timestep_embedding");
    }

    @Override
    public void add(long n, Buffer a, Buffer b, Buffer y) {
        over(n, add).arg(a).arg(b).arg(y).arg(n).run();
    }

    @Override
    public void combine(Pair pair, long n, Buffer a, Buffer b, Buffer y) {
        over(n, combine).arg(a).arg(b).arg(y).arg(n).arg(pair.ordinal()).run();
    }

    @Override
    public void apply(Function f, long n, Buffer x, Buffer y) {
        over(n, apply).arg(x).arg(y).arg(n).arg(f.ordinal()).run();
    }

    @Override
    public void applyBackward(Function f, long n, Buffer x, Buffer dy, Buffer dx) {
        over(n, applyBackward).arg(x).arg(dy).arg(dx).arg(n).arg(f.ordinal()).run();
    }

    @Override
    public void scale(long n, float factor, Buffer x, Buffer y) {
        over(n, scale).arg(x).arg(y).arg(n).arg(factor).run();
    }

    @Override
    public void fill(long n, float factor, Buffer s, Buffer y) {
        over(n, fill).arg(s).arg(y).arg(n).arg(factor).run();
    }

    @Override
    public void silu(long n, Buffer x, Buffer y) {
        over(n, silu).arg(x).arg(y).arg(n).run();
    }

    @Override
    public void siluBackward(long n, Buffer x, Buffer dy, Buffer dx) {
        over(n, siluBackward).arg(x).arg(dy).arg(dx).arg(n).run();
    }

    private static Launch over(long elements, CudaKernel kernel) {
        return kernel.blocks(Grid.blocks(elements)).threads(Grid.THREADS);
    }

    @Override
    public void addPerImage(Nhwc g, Buffer x, Buffer b, Buffer y) {
        addPerImage
                .blocks(Grid.blocks(g.pixels() * g.c()), Math.min(g.n(), MOST_IMAGES))
                .threads(Grid.THREADS)
                .arg(x)
                .arg(b)
                .arg(y)
                .arg(Math.toIntExact(g.n()))
                .arg(Math.toIntExact(g.pixels()))
                .arg(Math.toIntExact(g.c()))
                .run();
    }

    /** Blocks share out the channels, not the pixels: as few for each as fill a sector, more where pixels are few. */
    @Override
    public void sumPixels(Nhwc g, Buffer dy, Buffer db) {
        int c = Math.toIntExact(g.c());
        int width = GroupNormCut.width(c, Float.BYTES);
        int packs = c / width;
        int sector = SECTOR_BYTES / (width * Float.BYTES);
        int packsPerBlock = (int) Math.min(packs, Math.max(sector, Grid.THREADS / g.pixels()));
        sumPixels
                .blocks((packs + packsPerBlock - 1) / packsPerBlock, Math.min(g.n(), MOST_IMAGES))
                .threads(Grid.THREADS)
                .arg(dy)
                .arg(db)
                .arg(Math.toIntExact(g.n()))
                .arg(Math.toIntExact(g.pixels()))
                .arg(c)
                .arg(packsPerBlock)
                .arg(width)
                .run();
    }

    @Override
    public void timestepEmbedding(long n, int dim, Buffer t, Buffer y) {
        over(n * dim, timestepEmbedding)
                .arg(t)
                .arg(y)
                .arg(Math.toIntExact(n))
                .arg(dim)
                .run();
    }
}
