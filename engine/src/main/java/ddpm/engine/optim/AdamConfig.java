package ddpm.engine.optim;

import ddpm.engine.backend.OptimizerOps.AdamStep;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.nn.Parameters;

/**
 * Constants of Adam or AdamW under PyTorch's names.
 *
 * @param beta1 decay of the mean, in [0,1)
 * @param beta2 decay of the square, in [0,1)
 * @param eps added to the root of the square
 * @param weightDecay 0 for none
 * @param decoupled AdamW: the decay works on the parameter, not through the gradient
 */
public record AdamConfig(double beta1, double beta2, double eps, double weightDecay, boolean decoupled)
        implements Optimizer.Config {
    /** torch.optim.Adam's defaults. */
    public static AdamConfig adam() {
        return new AdamConfig(0.9, 0.999, 1e-8, 0, false);
    }

    /** torch.optim.AdamW's defaults. */
    public static AdamConfig adamW() {
        return new AdamConfig(0.9, 0.999, 1e-8, 0.01, true);
    }

    /** @param decays whether the parameters are of those that decay */
    AdamStep step(boolean decays) {
        return new AdamStep(beta1, beta2, eps, decoupled ? 0 : weightDecay, decays);
    }

    @Override
    public Adam of(Parameters parameters) {
        return new Adam(parameters, this);
    }

    @Override
    public UpdateNumbers numbers(int step, int slot, double lr, float... emaRest) {
        double correction1 = 1 - Math.pow(beta1, step + 1.0);
        double correction2 = 1 - Math.pow(beta2, step + 1.0);
        return new UpdateNumbers(
                slot,
                decoupled ? (float) (1 - lr * weightDecay) : 1,
                (float) (lr / correction1),
                (float) (1 / Math.sqrt(correction2)),
                emaRest);
    }
}
