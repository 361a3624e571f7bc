package ddpm.engine.ops;

import ddpm.engine.backend.ReverseNumbers;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;

/** One reverse step x_t to x_{t-1} with its own noise, see {@link ReverseStep}. Not differentiable. */
public final class ReverseDiffusion {
    private ReverseDiffusion() {}

    /** @param previous x_{t-1} [N,H,W,C] @param x0 estimate of the image at the end of the chain [N,H,W,C] */
    public record Result(Tensor previous, Tensor x0) {}

    /** The results live in the scope of {@code xt}. @param numbers {@link ReverseNumbers}, I32 [8] @param eps predicted noise */
    public static Result apply(ReverseStep g, Tensor numbers, Tensor xt, Tensor eps) {
        Result result = new Result(xt.scope().empty(xt.shape()), xt.scope().empty(xt.shape()));
        into(g, numbers, xt, eps, result);
        return result;
    }

    /** As {@link #apply}, into memory that is there. @param result out, of the shape of {@code xt} */
    public static void into(ReverseStep g, Tensor numbers, Tensor xt, Tensor eps, Result result) {
        Check.operands("reverseStep", xt, eps, result.previous(), result.x0());
        Check.words("reverseStep", ReverseNumbers.WORDS, numbers);
        if (!xt.shape().equals(Shape.of(g.x()))) {
            throw new TensorException("reverseStep: the step is for " + Shape.of(g.x()) + ", got xt=" + xt.shape());
        }
        Check.sameShape("reverseStep", xt, eps);
        Check.sameShape("reverseStep", xt, result.previous());
        Check.sameShape("reverseStep", xt, result.x0());
        xt.backend()
                .random()
                .reverseStep(
                        g,
                        numbers.buffer(),
                        xt.buffer(),
                        eps.buffer(),
                        result.previous().buffer(),
                        result.x0().buffer());
    }
}
