package ddpm.engine.nn;

import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/** Layer normalisation of the last extent with a scale and a shift, as torch.nn.LayerNorm(width): [..,width] to the same. */
public final class LayerNorm {
    /** PyTorch's default. */
    private static final double EPS = 1e-5;

    private final Tensor gamma;
    private final Tensor beta;
    private final float eps;

    /** Creates {@code name.weight} and {@code name.bias}, both [width], 1 and 0. */
    public LayerNorm(Parameters p, String name, int width) {
        this(p, name, width, EPS);
    }

    /** As the other, with {@code eps} added to each variance. */
    public LayerNorm(Parameters p, String name, int width, double eps) {
        this.gamma = p.create(name + ".weight", Shape.of(width), Init.constant(1));
        this.beta = p.create(name + ".bias", Shape.of(width), Init.constant(0));
        this.eps = (float) eps;
    }

    public Tensor forward(Tensor x) {
        return x.layerNorm(gamma, beta, eps);
    }
}
