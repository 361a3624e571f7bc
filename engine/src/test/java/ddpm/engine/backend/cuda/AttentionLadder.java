package ddpm.engine.backend.cuda;

import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Precision;
import java.util.Arrays;
import java.util.List;

/** Softmax attention in fp32: kernels/ladder/attention, then attention_forward.cu. */
final class AttentionLadder implements Ladder {
    private static final int THREADS = 64;
    private static final int WIDEST_OF_TWO = 32; // up to here a thread of v6 has two queries
    private static final int EXP = 4; // roundings of an exponential, by 2^x its argument's product with log2 e too

    private final LadderDevice gpu;
    private final Attention g;
    private final double[] want;
    private final double[] scale;
    private final Buffer qkv;
    private final Buffer y;
    private final Buffer state;

    AttentionLadder(LadderDevice gpu, Attention g) {
        this.gpu = gpu;
        this.g = g;
        int rows = (int) (g.n() * g.tokens());
        float[] values = LadderDevice.gaussians(rows * 3 * (int) g.width(), 1);
        this.want = new double[rows * (int) g.width()];
        this.scale = new double[want.length];
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < g.heads(); head++) {
                reference(values, row, head * (int) g.headDim());
            }
        }
        this.qkv = gpu.filled(values);
        this.y = gpu.memory().allocate((long) want.length * Float.BYTES);
        this.state = gpu.memory().allocate(g.n() * g.heads() * g.tokens() * Float.BYTES);
    }

    /**
     * One row of a head, in double. A score's rounding, U times the sum of its terms' absolute values, is a relative
     * error of its weight: so the scale of y is the sum of the weighted |v| times 1 + the largest such sum of the row.
     *
     * @param row of all images' tokens
     * @param column where the head begins
     */
    private void reference(float[] values, int row, int column) {
        int tokens = (int) g.tokens();
        int dim = (int) g.headDim();
        int c = (int) g.width();
        int first = row / tokens * tokens * 3 * c + column; // the first token's query
        int q = row * 3 * c + column;
        double[] p = new double[tokens];
        double size = 0;
        for (int j = 0; j < tokens; j++) {
            double terms = 0;
            for (int d = 0; d < dim; d++) {
                double term = (double) values[q + d] * values[first + (j * 3 + 1) * c + d] / Math.sqrt(dim);
                p[j] += term;
                terms += Math.abs(term);
            }
            size = Math.max(size, terms);
        }
        double max = Arrays.stream(p).max().orElseThrow();
        double sum = 0;
        for (int j = 0; j < tokens; j++) {
            p[j] = Math.exp(p[j] - max);
            sum += p[j];
        }
        for (int d = 0; d < dim; d++) {
            double total = 0;
            double absolute = 0;
            for (int j = 0; j < tokens; j++) {
                double v = values[first + (j * 3 + 2) * c + d];
                total += p[j] * v;
                absolute += p[j] * Math.abs(v);
            }
            want[row * c + column + d] = total / sum;
            scale[row * c + column + d] = absolute / sum * (1 + size);
        }
    }

    @Override
    public String title() {
        return "attention: " + g.n() + " images, " + g.tokens() + " tokens, " + g.heads() + " heads of " + g.headDim();
    }

    @Override
    public List<Step> steps() {
        // two exponents, of a weight and of the sum: each with the roundings of a score's chain
        double scores = 2 * (g.headDim() + 3) + EXP;
        double sums = 2 * g.tokens() + scores; // of weights and of weighted values
        double rescaled = 4 * g.tokens() + scores; // every addition after a product with the correction
        int two = g.headDim() <= WIDEST_OF_TWO ? 2 * THREADS : THREADS;
        CudaAttention ships = new CudaAttention(gpu.shipped(), gpu.memory(), Precision.FP32);
        return List.of(
                new Step("v1_three_passes", () -> launch(1, THREADS), sums),
                new Step("v2_registers", () -> launch(2, THREADS), sums),
                new Step("v3_online_softmax", () -> launch(3, THREADS), rescaled),
                new Step("v4_shared_tiles", () -> launch(4, THREADS), rescaled),
                new Step("v5_wide_rows", () -> launch(5, THREADS), rescaled),
                new Step("v6_two_queries", () -> launch(6, two), rescaled),
                new Step("ships: attention", () -> ships.attention(g, qkv, y, state), rescaled));
    }

    private void launch(int version, int queriesOfBlock) {
        long blocks = (g.tokens() + queriesOfBlock - 1) / queriesOfBlock;
        gpu.step("attention_v" + version)
                .blocks(g.n() * g.heads() * blocks)
                .threads(THREADS)
                .arg(qkv)
                .arg(y)
                .arg((int) g.tokens())
                .arg((int) g.width())
                .arg((int) g.heads())
                .arg((float) (1 / Math.sqrt(g.headDim())))
                .run();
    }

    @Override
    public Result result(Step step) {
        float[] got = new float[want.length];
        Arrays.fill(got, Float.NaN);
        gpu.memory().upload(got, y);
        step.run().run();
        gpu.memory().download(y, got);
        return new Result(want, got, scale);
    }

    /** qkv and y once. */
    @Override
    public double bytes() {
        return 4.0 * Float.BYTES * want.length;
    }

    /** A multiplication and an addition for each column of each key and of each value. */
    @Override
    public double flop() {
        return 4.0 * want.length * g.tokens();
    }

    @Override
    public void close() {
        List.of(qkv, y, state).forEach(gpu.memory()::free);
    }
}
