package ddpm.engine.ops;

import ddpm.engine.backend.ReverseStep;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;

/** One reverse step x_t to x_{t-1} with its own noise, see {@link ReverseStep}. Not differentiable. */
public final class ReverseDiffusion {
    private ReverseDiffusion() {}

    /** @param previous x_{t-1} [N,H,W,C] @param x0 estimate of the image at the end of the chain [N,H,W,C] */
    public record Result(Tensor previous, Tensor x0) {}

    /** The results live in the scope of {@code xt}. @param eps predicted noise, of the shape of {@code xt} */
    public static Result apply(ReverseStep g, Tensor xt, Tensor eps) {
        Check.operands("reverseStep", xt, eps);
        if (!xt.shape().equals(Shape.of(g.x()))) {
            throw new TensorException("reverseStep: the step is for " + Shape.of(g.x()) + ", got xt=" + xt.shape());
        }
        Check.sameShape("reverseStep", xt, eps);
        Tensor previous = xt.scope().empty(xt.shape());
        Tensor x0 = xt.scope().empty(xt.shape());
        xt.backend().random().reverseStep(g, xt.buffer(), eps.buffer(), previous.buffer(), x0.buffer());
        return new Result(previous, x0);
    }
}
