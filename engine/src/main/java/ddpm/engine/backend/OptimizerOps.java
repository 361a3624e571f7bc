package ddpm.engine.backend;

import java.util.List;

/** Updates of all parameters at once. */
public interface OptimizerOps {
    /**
     * What one parameter brings along.
     *
     * @param n elements
     * @param p in and out, the parameter
     * @param grad in, its gradient
     * @param m in and out, running mean of the gradient
     * @param v in and out, running mean of its square
     */
    record Slot(long n, Buffer p, Buffer grad, Buffer m, Buffer v) {}

    /**
     * Global norm of the gradients, its scale, and whether training may go on. The squares are summed in double in a fixed
     * order; norm is their root, in state and results rounded to float.
     *
     * <pre>
     * state[0] = norm    state[1] = maxNorm == 0 ? 1 : min(1, maxNorm / (norm + 1e-6))
     * state[2] = 0 once a loss or a norm was not finite, and stays 0; else as it was (the host writes a 1 at first)
     * results[2 * slot] = loss    results[2 * slot + 1] = norm
     * </pre>
     *
     * @param numbers in, {@link UpdateNumbers}: slot
     * @param loss in, one element
     * @param n elements of each gradient
     * @param state in and out, [4]
     * @param results out, [slots * 2]: the other slots stay
     */
    void clip(ClipStep g, Buffer numbers, Buffer loss, List<Long> n, List<Buffer> grads, Buffer state, Buffer results);

    /**
     * One Adam or AdamW update of every slot; nothing where state[2] == 0. In float, in this order:
     *
     * <pre>
     * w = p * keep    d = grad * state[1] + l2 * w
     * m = m * beta1 + d * (1 - beta1)    v = v * beta2 + d * d * (1 - beta2)
     * p = w - stepSize * m / (sqrt(v) * rootScale + eps)
     * </pre>
     *
     * @param g constants; without {@link AdamStep#decays} keep counts as 1 and l2 as 0
     * @param numbers in, {@link UpdateNumbers}: keep, stepSize, rootScale
     * @param state in, [4], see {@link #clip}
     */
    void adam(AdamStep g, Buffer numbers, Buffer state, List<Slot> slots);

    /**
     * ema = ema + (p - ema) * emaRest[which]; nothing where state[2] == 0.
     *
     * @param which of the averages this is
     * @param numbers in, {@link UpdateNumbers}: emaRest
     * @param state in, [4], see {@link #clip}
     * @param n elements of each pair
     */
    void ema(int which, Buffer numbers, Buffer state, List<Long> n, List<Buffer> p, List<Buffer> ema);
}
