package ddpm.engine.nn;

import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/** Transposed convolution with a square window and a bias, as torch.nn.ConvTranspose2d. */
public final class ConvTranspose2d {
    private final Tensor weight;
    private final Tensor bias;
    private final int stride;
    private final int padding;

    /** Creates {@code name.weight} [in,out,kernel,kernel] and {@code name.bias} [out]. */
    public ConvTranspose2d(Parameters p, String name, int in, int out, int kernel, int stride, int padding) {
        Shape file = Shape.of(in, out, kernel, kernel);
        Init init = Init.kaimingUniform(file);
        this.weight = p.create(name + ".weight", file, init);
        this.bias = p.create(name + ".bias", Shape.of(out), init);
        this.stride = stride;
        this.padding = padding;
    }

    public Tensor forward(Tensor x) {
        return x.convTranspose2d(weight, bias, stride, padding);
    }
}
