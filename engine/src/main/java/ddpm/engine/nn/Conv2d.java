package ddpm.engine.nn;

import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/** Convolution with a square window and a bias, as torch.nn.Conv2d: [N,H,W,in] to [N,H',W',out]. */
public final class Conv2d {
    private final Tensor weight;
    private final Tensor bias;
    private final int stride;
    private final int padding;

    /** Creates {@code name.weight} [out,in,kernel,kernel] and {@code name.bias} [out]. */
    public Conv2d(Parameters p, String name, int in, int out, int kernel, int stride, int padding) {
        Shape file = Shape.of(out, in, kernel, kernel);
        Init init = Init.kaimingUniform(file);
        this.weight = p.create(name + ".weight", file, init);
        this.bias = p.create(name + ".bias", Shape.of(out), init);
        this.stride = stride;
        this.padding = padding;
    }

    public Tensor forward(Tensor x) {
        return x.conv2d(weight, bias, stride, padding);
    }
}
