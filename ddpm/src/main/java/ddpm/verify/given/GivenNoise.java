package ddpm.verify.given;

import ddpm.diffusion.solver.Stage;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.ops.Reverse;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/**
 * A stage without slots whose noise is given. The kernel draws its own, so it computes the mean with sd = 0 and the noise is
 * added by operations of their own.
 */
public record GivenNoise(Stage stage) {
    public float sd() {
        return (float) stage.sd();
    }

    /** [N,H,W,C] to the same. @param f the network's output */
    public Tensor mean(Tensor x, Tensor f) {
        return apply(x, f).next();
    }

    /** The image at the end of the chain as far as {@code f} tells. */
    public Tensor estimate(Tensor x, Tensor f) {
        return apply(x, f).x0();
    }

    public Tensor add(Tensor mean, Tensor z) {
        return mean.add(z.scale(sd()));
    }

    /**
     * Standard deviation of the noise of one value.
     *
     * @param v what the network says where the variance is learned, see {@link ddpm.diffusion.Variance#LEARNED_RANGE}
     */
    public static double sd(Stage stage, double v) {
        if (!stage.learned()) {
            return stage.sd();
        }
        double share = (v + 1) / 2;
        return stage.sd() * Math.exp((share * stage.logLarge() + (1 - share) * stage.logSmall()) / 2);
    }

    private Reverse.Result apply(Tensor x, Tensor f) {
        Tensor numbers = x.scope()
                .tensor(Shape.of(ReverseStep.WORDS), stage.numbers(0).noise(0).toWords());
        return Reverse.apply(stage.step(x.nhwc("verify"), 0, 0), numbers, x, f);
    }
}
