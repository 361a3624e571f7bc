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

    /** One Adam or AdamW update of every slot. */
    void adam(AdamStep g, List<Slot> slots);

    /**
     * ema = decay * ema + (1 - decay) * p.
     *
     * @param n elements of each pair
     */
    void ema(double decay, List<Long> n, List<Buffer> p, List<Buffer> ema);

    /** Square root of the sum of squares over all gradients, accumulated in double. */
    double globalNorm(List<Long> n, List<Buffer> grads);
}
