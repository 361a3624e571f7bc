package ddpm.huggingface;

import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Variance;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.times.Uniform;
import ddpm.diffusion.weighting.Simple;
import ddpm.train.settings.SampleConfig;
import java.util.List;

/**
 * What a scheduler's settings say: how noise grows, what the network predicts, and how to draw.
 *
 * @param notes what was not taken over, or assumed; a sentence each
 */
public record Scheduling(ScheduleConfig diffusion, ObjectiveConfig objective, SampleConfig sample, List<String> notes) {
    public Scheduling {
        notes = List.copyOf(notes);
    }

    /** What a network was taught; its training is over, so that only what its output means and the variance count. */
    static ObjectiveConfig objective(Prediction prediction, String variance) {
        return new ObjectiveConfig(prediction, new Simple(), new Uniform(), variance, 0.001);
    }

    /** Of a network that came without a scheduler. */
    static Scheduling assumed() {
        return new Scheduling(
                ScheduleConfig.reference(),
                objective(new Eps(), Variance.FIXED_SMALL.text()),
                SampleConfig.standard(),
                List.of(
                        "there is no scheduler_config.json: taken are the linear schedule of 1000 steps and a network that"
                                + " predicts the noise"));
    }
}
