package ddpm.verify;

import ddpm.diffusion.Update;
import ddpm.engine.backend.ReverseNumbers;
import ddpm.engine.ops.ReverseDiffusion;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/**
 * A reverse step with noise that is given. The kernel draws its own, so it computes the mean with sigma = 0 and the noise
 * is added by operations of their own.
 */
record GivenNoise(Update update) {
    float sigma() {
        return (float) update.sigma();
    }

    /** [N,H,W,C] to the same. */
    Tensor mean(Tensor xt, Tensor eps) {
        return apply(xt, eps).previous();
    }

    /** The image at the end of the chain as far as {@code eps} tells. */
    Tensor estimate(Tensor xt, Tensor eps) {
        return apply(xt, eps).x0();
    }

    Tensor add(Tensor mean, Tensor z) {
        return mean.add(z.scale(sigma()));
    }

    private ReverseDiffusion.Result apply(Tensor xt, Tensor eps) {
        Update u = update;
        Update still = new Update(u.t(), u.x0FromX(), u.x0FromEps(), u.clip(), u.fromX0(), u.fromX(), u.fromEps(), 0);
        Tensor numbers = xt.scope()
                .tensor(Shape.of(ReverseNumbers.WORDS), still.numbers(0).toWords());
        return ReverseDiffusion.apply(still.step(xt.nhwc("verify"), 0), numbers, xt, eps);
    }
}
