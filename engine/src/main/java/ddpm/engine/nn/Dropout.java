package ddpm.engine.nn;

import ddpm.engine.random.Stream;
import ddpm.engine.tensor.Tensor;

/**
 * Leaves out a share of the values by chance while a scope {@linkplain ddpm.engine.tensor.Scope#training trains}, as
 * torch.nn.Dropout; there is nothing to switch off for evaluation, where the scope does not record. It has no parameters.
 */
public final class Dropout {
    private final double share;
    private final long seed;
    private final Stream stream;

    /**
     * The next layer of this kind beside the parameters, which gives it random bits of its own.
     *
     * @param share of the values that become 0, in [0,1)
     */
    public Dropout(Parameters p, double share) {
        this.share = share;
        this.seed = p.seed();
        this.stream = p.nextDropout();
    }

    public Tensor forward(Tensor x) {
        return x.dropout(share, seed, stream);
    }
}
