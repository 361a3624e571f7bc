package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import java.util.List;

/** Sum of n floats: kernels/ladder/reduction, then sum_partial and sum_finish of loss.cu. */
final class ReductionLadder implements Ladder {
    private static final int THREADS = 256;
    private static final int PER_BLOCK = 4096;
    private static final int MOST_BLOCKS = 1024;
    private static final int TREE = 8; // additions in a row that a block of 256 threads needs for its sum

    private final LadderDevice gpu;
    private final int n;
    private final int blocks;
    private final double want;
    private final double scale;
    private final Buffer x;
    private final Buffer y;
    private final Buffer partial;

    ReductionLadder(LadderDevice gpu, int n) {
        this.gpu = gpu;
        this.n = n;
        this.blocks = Math.min(MOST_BLOCKS, (n + PER_BLOCK - 1) / PER_BLOCK);
        float[] values = LadderDevice.gaussians(n, n);
        double sum = 0;
        double size = 0;
        for (float v : values) {
            sum += v;
            size += Math.abs(v);
        }
        this.want = sum;
        this.scale = size;
        this.x = gpu.filled(values);
        this.y = gpu.memory().allocate(Float.BYTES);
        this.partial = gpu.memory().allocate((long) MOST_BLOCKS * Float.BYTES);
    }

    @Override
    public String title() {
        return "reduction: sum of " + n + " floats";
    }

    @Override
    public List<Step> steps() {
        double perThread = Math.ceil((double) n / blocks / THREADS);
        double twoStages = perThread + TREE + Math.ceil((double) blocks / THREADS) + TREE;
        CudaLoss ships = new CudaLoss(gpu.shipped(), gpu.memory());
        return List.of(
                new Step("v1_one_thread", this::oneThread, n),
                new Step("v2_shared_tree", () -> twoStages("reduction_v2"), twoStages),
                new Step("v3_strided_index", () -> twoStages("reduction_v3"), twoStages),
                new Step("v4_halves", () -> twoStages("reduction_v4"), twoStages),
                new Step("v5_shuffles", () -> twoStages("reduction_v5"), twoStages),
                // four sums in a thread, one element more in some: a quarter of the chain
                new Step("v6_wide_loads", () -> twoStages("reduction_v6"), twoStages + 4),
                new Step("ships: sum", () -> ships.sum(n, 1, x, y), 1));
    }

    private void oneThread() {
        gpu.step("reduction_v1")
                .blocks(1)
                .threads(1)
                .arg(x)
                .arg(y)
                .arg((long) n)
                .run();
    }

    private void twoStages(String kernel) {
        launch(kernel, blocks, x, partial, n);
        launch(kernel, 1, partial, y, blocks);
    }

    private void launch(String kernel, int blocks, Buffer from, Buffer to, long count) {
        gpu.step(kernel)
                .blocks(blocks)
                .threads(THREADS)
                .arg(from)
                .arg(to)
                .arg(count)
                .run();
    }

    @Override
    public Result result(Step step) {
        float[] got = {Float.NaN};
        gpu.memory().upload(got, y);
        step.run().run();
        gpu.memory().download(y, got);
        return new Result(new double[] {want}, got, new double[] {scale});
    }

    @Override
    public double bytes() {
        return (double) Float.BYTES * n;
    }

    @Override
    public double flop() {
        return n;
    }

    @Override
    public void close() {
        List.of(x, y, partial).forEach(gpu.memory()::free);
    }
}
