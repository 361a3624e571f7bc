package ddpm.engine.nn;

import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/** Group normalisation with a scale and a shift per channel, as torch.nn.GroupNorm. Wu &amp; He 2018, section 3.1. */
public final class GroupNorm {
    /** PyTorch's default. */
    private static final double EPS = 1e-5;

    private final Tensor gamma;
    private final Tensor beta;
    private final int groups;
    private final float eps;

    /** Creates {@code name.weight} and {@code name.bias}, both [channels], 1 and 0. */
    public GroupNorm(Parameters p, String name, int groups, int channels) {
        this(p, name, groups, channels, EPS);
    }

    /** As the other, with {@code eps} added to each variance. */
    public GroupNorm(Parameters p, String name, int groups, int channels, double eps) {
        this.gamma = p.create(name + ".weight", Shape.of(channels), Init.constant(1));
        this.beta = p.create(name + ".bias", Shape.of(channels), Init.constant(0));
        this.groups = groups;
        this.eps = (float) eps;
    }

    public Tensor forward(Tensor x) {
        return x.groupNorm(gamma, beta, groups, eps);
    }

    /** Stored for products: what follows is a linear layer. */
    public Tensor forwardOperand(Tensor x) {
        return x.groupNormOperand(gamma, beta, groups, eps);
    }

    /** silu(forwardOperand(x)), fused: what follows is a convolution. */
    public Tensor forwardSilu(Tensor x) {
        return x.groupNormSiluOperand(gamma, beta, groups, eps);
    }
}
