package ddpm.diffusion;

import ddpm.engine.ops.Guidance;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;

/**
 * A network under guidance: each batch is shown twice in one of double size, with its labels and without, and the two outputs become
 * one. All of it happens on the device, so that a step is recorded and replayed as any other. Outside the interval the network is
 * asked once, with the labels.
 *
 * @param model what is asked
 * @param guidance how the outputs are combined
 * @param timesteps of the schedule, which the interval is a share of
 */
public record Guided(Denoiser model, ddpm.diffusion.Guidance guidance, int timesteps) implements Denoiser {
    @Override
    public Denoiser at(double t) {
        return guidance.at(t, timesteps) ? this : model;
    }

    @Override
    public Tensor predict(Tensor x, Tensor time, Condition condition) {
        if (condition.pair() == null) {
            throw new TensorException(
                    "guided: needs labels and none, made by Condition.of; without labels there is nothing"
                            + " to guide towards");
        }
        Tensor both = Guidance.twice(x);
        Tensor times = Guidance.twice(time.in(x.scope()));
        Tensor f = model.predict(both, times, new Condition(condition.pair()));
        both.discard();
        times.discard();
        Tensor guided = guidance.of(f, x.nhwc("guided").c());
        f.discard();
        return guided;
    }
}
