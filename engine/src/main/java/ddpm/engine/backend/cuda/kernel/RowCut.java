package ddpm.engine.backend.cuda.kernel;

import ddpm.engine.backend.Nhwc;

/** Rows of equal length, each cut into parts: a thread makes four values, a block one part of one row. See philox.cuh. */
public record RowCut(long count, int length, int threads, int parts) {
    private static final int MOST_THREADS = 256;
    private static final int WARP = 32;
    private static final int FOUR = 4;

    public static RowCut of(long count, long length) {
        int groups = (Math.toIntExact(length) + FOUR - 1) / FOUR;
        int threads = Math.min(MOST_THREADS, (groups + WARP - 1) / WARP * WARP);
        return new RowCut(count, (int) length, threads, (groups + threads - 1) / threads);
    }

    public static RowCut of(Nhwc g) {
        return of(g.n(), g.pixels() * g.c());
    }

    public Launch launch(CudaKernel kernel) {
        return kernel.blocks(count * parts).threads(threads);
    }
}
