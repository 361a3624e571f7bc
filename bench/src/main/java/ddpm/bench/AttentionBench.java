package ddpm.bench;

import ddpm.engine.backend.AttentionOps;
import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.Buffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Self-attention with 4 heads at the token counts of 28x28, 14x14 and 7x7 pixels, as in the mnist preset. */
public class AttentionBench extends OpBench {
    private static final int HEADS = 4;

    /** Images x tokens x channels; four heads share the channels. */
    @Param({"64x784x64", "64x784x16", "64x196x128", "64x196x32", "64x49x256"})
    String tokens;

    private AttentionOps ops;
    private Attention g;
    private Buffer qkv;
    private Buffer y;
    private Buffer state;
    private Buffer dy;
    private Buffer dqkv;
    private double flop;
    private double bytes;

    @Override
    void prepare(Operands operands) {
        ops = operands.backend().attention();
        String[] parts = tokens.split("x");
        g = new Attention(Long.parseLong(parts[0]), Long.parseLong(parts[1]), HEADS, Long.parseLong(parts[2]) / HEADS);
        long elements = g.n() * g.tokens() * g.width();
        qkv = operands.random(3 * elements);
        y = operands.empty(elements);
        long kept = ops.stateElements(g);
        state = kept == 0 ? null : operands.empty(kept);
        dy = operands.random(elements);
        dqkv = operands.empty(3 * elements);
        flop = 4.0 * g.n() * g.tokens() * g.tokens() * g.width(); // q k^T and p v
        bytes = 4.0 * 4 * elements;
    }

    /** The first output in double; and moving all keys together changes nothing, so their gradients sum to zero. */
    @Override
    void check(Operands operands) {
        ops.attention(g, qkv, y, state);
        ops.attentionBackward(g, qkv, y, state, dy, dqkv);
        int t = Math.toIntExact(g.tokens());
        int c = Math.toIntExact(g.width());
        float[] in = operands.values(qkv, 3L * t * c);
        float[] gradients = operands.values(dqkv, 3L * t * c);
        double sum = 0;
        double weighted = 0;
        double keys = 0;
        double scale = 0;
        for (int j = 0; j < t; j++) {
            double score = 0;
            for (int d = 0; d < g.headDim(); d++) {
                score += (double) in[d] * in[3 * c * j + c + d];
            }
            double p = Math.exp(score / Math.sqrt(g.headDim()));
            sum += p;
            weighted += p * in[3 * c * j + 2 * c];
            keys += gradients[3 * c * j + c];
            scale += Math.abs(gradients[3 * c * j + c]);
        }
        operands.requireClose("attention", weighted / sum, operands.values(y, 1)[0], 1);
        operands.requireClose("attentionBackward", 0, keys, scale);
    }

    @Benchmark
    public void forward(Timing timing) {
        time(timing, flop, bytes, () -> ops.attention(g, qkv, y, state));
    }

    /** Five products where the forward has two: it computes the probabilities again. */
    @Benchmark
    public void backward(Timing timing) {
        time(timing, 2.5 * flop, 2 * bytes, () -> ops.attentionBackward(g, qkv, y, state, dy, dqkv));
    }
}
