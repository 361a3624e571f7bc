package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ElementwiseOps;
import ddpm.engine.backend.ElementwiseOps.Waves;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Grid;
import ddpm.engine.backend.cuda.kernel.Launch;

/**
 * Elementwise operations and their broadcasts: elementwise.cu, functions.cu, silu.cu, broadcast.cu, modulate.cu, gate.cu
 * and embedding.cu.
 */
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
    private final CudaKernel combinePerImage;
    private final CudaKernel sumPixels;
    private final CudaKernel sumPixelProducts;
    private final CudaKernel modulate;
    private final CudaKernel modulateBackward;
    private final CudaKernel addGated;
    private final CudaKernel addGatedBackward;
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
        combinePerImage = kernels.get("combine_per_image_f32");
        sumPixels = kernels.get("sum_pixels_f32");
        sumPixelProducts = kernels.get("sum_pixel_products_f32");
        modulate = kernels.get("modulate_f32");
        modulateBackward = kernels.get("modulate_backward_f32");
        addGated = kernels.get("add_gated_f32");
        addGatedBackward = kernels.get("add_gated_backward_f32");
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
        perImage(addPerImage, g, x, b, y).run();
    }

    @Override
    public void combinePerImage(Pair pair, Nhwc g, Buffer x, Buffer b, Buffer y) {
        perImage(combinePerImage, g, x, b, y).arg(pair.ordinal()).run();
    }

    private static Launch perImage(CudaKernel kernel, Nhwc g, Buffer... operands) {
        Launch launch = kernel.blocks(Grid.blocks(g.pixels() * g.c()), Math.min(g.n(), MOST_IMAGES))
                .threads(Grid.THREADS);
        for (Buffer b : operands) {
            launch.arg(b);
        }
        return launch.arg(Math.toIntExact(g.n()))
                .arg(Math.toIntExact(g.pixels()))
                .arg(Math.toIntExact(g.c()));
    }

    @Override
    public void sumPixels(Nhwc g, Buffer dy, Buffer db) {
        ChannelCut cut = ChannelCut.of(g);
        cut.over(g, cut.blocks(g, sumPixels).arg(dy).arg(db)).run();
    }

    @Override
    public void sumPixelProducts(Nhwc g, Buffer u, Buffer v, Buffer d) {
        ChannelCut cut = ChannelCut.of(g);
        cut.over(g, cut.blocks(g, sumPixelProducts).arg(u).arg(v).arg(d)).run();
    }

    /** Blocks share out the channels, not the pixels: as few for each as fill a sector, more where pixels are few. */
    private record ChannelCut(int packs, int packsPerBlock, int width) {
        static ChannelCut of(Nhwc g) {
            int c = Math.toIntExact(g.c());
            int width = GroupNormCut.width(c, Float.BYTES);
            int sector = SECTOR_BYTES / (width * Float.BYTES);
            int packs = c / width;
            return new ChannelCut(packs, (int) Math.min(packs, Math.max(sector, Grid.THREADS / g.pixels())), width);
        }

        Launch blocks(Nhwc g, CudaKernel kernel) {
            return kernel.blocks((packs + packsPerBlock - 1) / packsPerBlock, Math.min(g.n(), MOST_IMAGES))
                    .threads(Grid.THREADS);
        }

        /** The arguments that say which elements: the last ones. */
        Launch over(Nhwc g, Launch launch) {
            return launch.arg(Math.toIntExact(g.n()))
                    .arg(Math.toIntExact(g.pixels()))
                    .arg(Math.toIntExact(g.c()))
                    .arg(packsPerBlock)
                    .arg(width);
        }
    }

    @Override
    public void modulate(Nhwc g, Buffer x, Buffer e, Buffer y) {
        perImage(modulate, g, x, e, y).run();
    }

    @Override
    public void modulateBackward(Nhwc g, Buffer x, Buffer e, Buffer dy, Buffer dx, Buffer de) {
        ChannelCut cut = ChannelCut.of(g);
        Launch launch = cut.blocks(g, modulateBackward);
        cut.over(g, launch.arg(x).arg(e).arg(dy).arg(dx).arg(de)).run();
    }

    @Override
    public void addGated(Nhwc g, Buffer x, Buffer b, Buffer gate, Buffer y) {
        perImage(addGated, g, x, b, gate, y).run();
    }

    @Override
    public void addGatedBackward(Nhwc g, Buffer b, Buffer gate, Buffer dy, Buffer db, Buffer dgate) {
        ChannelCut cut = ChannelCut.of(g);
        Launch launch = cut.blocks(g, addGatedBackward);
        cut.over(g, launch.arg(b).arg(gate).arg(dy).arg(db).arg(dgate)).run();
    }

    @Override
    public void timestepEmbedding(Waves g, Buffer t, Buffer y) {
        over(g.n() * g.dim(), timestepEmbedding)
                .arg(t)
                .arg(y)
                .arg(Math.toIntExact(g.n()))
                .arg(g.dim())
                .arg(g.sines())
                .arg(g.cosines())
                .arg(g.span())
                .run();
    }
}
