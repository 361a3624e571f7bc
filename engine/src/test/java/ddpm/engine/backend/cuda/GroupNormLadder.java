package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.NormOps.GroupNorm;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Group normalisation: kernels/ladder/group_norm, then group_norm.cu or, for groups too large, group_norm_split.cu. */
final class GroupNormLadder implements Ladder {
    private static final int THREADS = 256;
    private static final int TREE = 10; // additions in a row that a block needs for its sum: two warp_sums
    private static final int LAST = 8; // roundings from the sums to y: root, quotients, difference, product, sum
    private static final int MEAN = 3; // of the data, in standard deviations: a mean of 0 would hide that it is missing

    private final LadderDevice gpu;
    private final GroupNorm g;
    private final int groupSize; // M
    private final GroupNormLadderReference want;
    private final Buffer x;
    private final Buffer gamma;
    private final Buffer beta;
    private final Buffer y;
    private final Buffer mean;
    private final Buffer var;

    GroupNormLadder(LadderDevice gpu, GroupNorm g) {
        this.gpu = gpu;
        this.g = g;
        int channels = (int) g.x().c();
        int groups = (int) (g.x().n() * g.groups());
        this.groupSize = (int) (g.x().pixels() * g.groupChannels());
        float[] values = LadderDevice.gaussians(groups * groupSize, 1);
        for (int i = 0; i < values.length; i++) {
            values[i] += MEAN;
        }
        float[] factors = LadderDevice.gaussians(channels, 2);
        float[] offsets = LadderDevice.gaussians(channels, 3);
        this.want = new GroupNormLadderReference(g, values, factors, offsets);
        this.x = gpu.filled(values);
        this.gamma = gpu.filled(factors);
        this.beta = gpu.filled(offsets);
        this.y = gpu.memory().allocate((long) values.length * Float.BYTES);
        this.mean = gpu.memory().allocate((long) groups * Float.BYTES);
        this.var = gpu.memory().allocate((long) groups * Float.BYTES);
    }

    @Override
    public String title() {
        return "group_norm: " + g.x() + " in " + g.groups() + " groups";
    }

    @Override
    public List<Step> steps() {
        long channels = g.groupChannels();
        long images = g.x().n();
        long blocks = images * g.groups();
        CudaNorm ships = new CudaNorm(gpu.shipped(), gpu.memory(), gpu.device());
        int width = GroupNormCut.width((int) channels, Float.BYTES);
        return List.of(
                new Step("v1_thread_per_group", () -> launch(1, images, 32), groupSize + LAST),
                new Step("v2_block_per_group", () -> launch(2, blocks, THREADS), block(perThread(1))),
                new Step("v3_thread_keeps_channel", () -> launch(3, blocks, THREADS), block(panel(channels))),
                new Step("v4_kept_in_shared", () -> launch(4, blocks, THREADS), block(panel(channels))),
                new Step("v5_wide_loads", () -> launch(5, blocks, THREADS), block(width * panel(channels / width))),
                new Step("ships: groupNorm", () -> ships.groupNorm(g, x, gamma, beta, y, mean, var), shippedChain()));
    }

    private static double block(double perThread) {
        return perThread + TREE + LAST;
    }

    /** Elements of a thread where a group's are dealt out in packs of so many. */
    private double perThread(int width) {
        return width * Math.ceil((double) groupSize / width / THREADS);
    }

    /** Packs of a thread where panel.cuh lays a block over pixels of so many packs. */
    private double panel(long packs) {
        long shares = (packs + THREADS - 1) / THREADS;
        long rows = THREADS / ((packs + shares - 1) / shares);
        return shares * Math.ceil((double) g.x().pixels() / rows);
    }

    /** What a thread adds, what a lane then adds of the threads' sums or the parts', and the warp's tree. */
    private double shippedChain() {
        GroupNormCut cut = GroupNormCut.of(g, Float.BYTES);
        int shares = (cut.packs() + cut.threads() - 1) / cut.threads();
        int rows = cut.threads() / ((cut.packs() + shares - 1) / shares);
        double thread = cut.width() * shares * Math.ceil((double) cut.pixels() / rows);
        return block(thread + cut.threads() / 32.0 + cut.parts() / 32.0 + TREE);
    }

    private void launch(int version, long blocks, int threads) {
        gpu.step("group_norm_v" + version)
                .blocks(blocks)
                .threads(threads)
                .arg(x)
                .arg(gamma)
                .arg(beta)
                .arg(y)
                .arg(mean)
                .arg(var)
                .arg((int) g.x().pixels())
                .arg((int) g.x().c())
                .arg((int) g.groups())
                .arg(g.eps())
                .run();
    }

    @Override
    public Result result(Step step) {
        List<Buffer> out = List.of(y, mean, var);
        int[] counts = {want.y.length, want.mean.length, want.var.length};
        float[] got = new float[want.all().length];
        for (int i = 0; i < counts.length; i++) {
            float[] nan = new float[counts[i]];
            Arrays.fill(nan, Float.NaN);
            gpu.memory().upload(nan, out.get(i));
        }
        step.run().run();
        for (int i = 0, at = 0; i < counts.length; at += counts[i++]) {
            float[] part = new float[counts[i]];
            gpu.memory().download(out.get(i), part);
            System.arraycopy(part, 0, got, at, counts[i]);
        }
        return new Result(want.all(), got, want.scale());
    }

    /** x and y once. */
    @Override
    public double bytes() {
        return 2.0 * Float.BYTES * want.y.length;
    }

    /** An addition for the mean, three operations for the variance, four for y. */
    @Override
    public double flop() {
        return 8.0 * want.y.length;
    }

    @Override
    public void close() {
        Stream.of(x, gamma, beta, y, mean, var).forEach(gpu.memory()::free);
    }
}
