package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.PoolOps;
import ddpm.engine.backend.PoolOps.Pool;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Grid;
import ddpm.engine.backend.cuda.kernel.Launch;

/** Maxima and means of windows: pool.cu. */
final class CudaPool implements PoolOps {
    private static final int MOST_IMAGES = 65_535; // of a grid; blocks take more in turns

    private final CudaKernel max;
    private final CudaKernel maxBackward;
    private final CudaKernel mean;
    private final CudaKernel meanBackward;

    CudaPool(CudaKernels kernels) {
        max = kernels.get("max_pool_f32");
        maxBackward = kernels.get("max_pool_backward_f32");
        mean = kernels.get("mean_pool_f32");
        meanBackward = kernels.get("mean_pool_backward_f32");
    }

    @Override
    public void max(Pool g, Buffer x, Buffer y, Buffer place) {
        extents(g, over(max, g.y()).arg(x).arg(y).arg(place)).run();
    }

    @Override
    public void maxBackward(Pool g, Buffer place, Buffer dy, Buffer dx) {
        extents(g, over(maxBackward, g.x()).arg(place).arg(dy).arg(dx)).run();
    }

    @Override
    public void mean(Pool g, Buffer x, Buffer y) {
        extents(g, over(mean, g.y()).arg(x).arg(y)).arg(g.share()).run();
    }

    @Override
    public void meanBackward(Pool g, Buffer dy, Buffer dx) {
        extents(g, over(meanBackward, g.x()).arg(dy).arg(dx)).arg(g.share()).run();
    }

    private static Launch over(CudaKernel kernel, Nhwc result) {
        return kernel.blocks(Grid.blocks(result.pixels() * result.c()), Math.min(result.n(), MOST_IMAGES))
                .threads(Grid.THREADS);
    }

    private static Launch extents(Pool g, Launch launch) {
        return launch.arg(Math.toIntExact(g.x().n()))
                .arg(Math.toIntExact(g.x().h()))
                .arg(Math.toIntExact(g.x().w()))
                .arg(Math.toIntExact(g.x().c()))
                .arg(Math.toIntExact(g.y().h()))
                .arg(Math.toIntExact(g.y().w()))
                .arg(Math.toIntExact(g.window().h()))
                .arg(Math.toIntExact(g.window().w()))
                .arg(Math.toIntExact(g.stride().h()))
                .arg(Math.toIntExact(g.stride().w()));
    }
}
