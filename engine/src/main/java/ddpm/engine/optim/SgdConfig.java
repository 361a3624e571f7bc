package ddpm.engine.optim;

import ddpm.engine.backend.OptimizerOps.SgdStep;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.nn.Parameters;

/**
 * Constants of gradient descent under PyTorch's names.
 *
 * @param momentum what is left of the velocity at each step, in [0,1); 0 for none
 * @param weightDecay 0 for none
 * @param nesterov whether the gradient is taken where the velocity leads; needs a momentum
 */
public record SgdConfig(double momentum, double weightDecay, boolean nesterov) implements Optimizer.Config {
    /** @throws IllegalArgumentException for a momentum that is no share, a decay below 0, Nesterov without momentum */
    public SgdConfig {
        if (!(momentum >= 0 && momentum < 1) || !(weightDecay >= 0)) {
            throw new IllegalArgumentException(
                    "sgd: momentum=" + momentum + " must be 0 to below 1, weightDecay=" + weightDecay + " at least 0");
        }
        if (nesterov && momentum == 0) {
            throw new IllegalArgumentException("sgd: Nesterov's form needs a momentum, such as 0.9");
        }
    }

    /** Neither decay nor Nesterov's form. @param momentum 0 for none; 0.9 is usual */
    public static SgdConfig momentum(double momentum) {
        return new SgdConfig(momentum, 0, false);
    }

    @Override
    public Sgd of(Parameters parameters) {
        return new Sgd(parameters, this);
    }

    @Override
    public UpdateNumbers numbers(int step, int slot, double lr, float... emaRest) {
        return new UpdateNumbers(slot, 1, (float) lr, 1, emaRest);
    }

    /** @param decays whether the parameters are of those that decay */
    SgdStep step(boolean decays) {
        return new SgdStep((float) momentum, decays ? (float) weightDecay : 0, nesterov);
    }
}
