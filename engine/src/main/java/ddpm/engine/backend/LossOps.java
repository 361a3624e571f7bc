package ddpm.engine.backend;

/** Reductions to one number, in a fixed order. */
public interface LossOps {
    /** loss = mean((pred - target)^2). @param n elements @param loss out, one element */
    void mse(long n, Buffer pred, Buffer target, Buffer loss);

    /** dpred = dloss * 2 (pred - target) / n. @param dloss in, one element */
    void mseBackward(long n, Buffer pred, Buffer target, Buffer dloss, Buffer dpred);

    /** y = factor * sum(x). @param n elements @param y out, one element */
    void sum(long n, float factor, Buffer x, Buffer y);
}
