package ddpm.engine.nn;

import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/** y = x w^T + b over the last extent, as torch.nn.Linear: [..,in] to [..,out]. */
public final class Linear {
    private final Tensor weight;
    private final Tensor bias;

    /** Creates {@code name.weight} [out,in] and {@code name.bias} [out], initialised as PyTorch does. */
    public Linear(Parameters p, String name, int in, int out) {
        this(p, name, in, out, Init.kaimingUniform(Shape.of(out, in)));
    }

    /** As {@link #Linear(Parameters, String, int, int)} with other initial values of the bias. */
    Linear(Parameters p, String name, int in, int out, Init biasInit) {
        this(p, name, in, out, Init.kaimingUniform(Shape.of(out, in)), biasInit);
    }

    /** As {@link #Linear(Parameters, String, int, int)} with other initial values. */
    public Linear(Parameters p, String name, int in, int out, Init weightInit, Init biasInit) {
        this.weight = p.create(name + ".weight", Shape.of(out, in), weightInit);
        this.bias = p.create(name + ".bias", Shape.of(out), biasInit);
    }

    public Tensor forward(Tensor x) {
        return x.linear(weight, bias);
    }
}
