package ddpm.sample;

import ddpm.DeviceChoice;
import ddpm.UserError;
import ddpm.config.Problems;
import ddpm.diffusion.ScheduleConfig;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What {@code ddpm sample} was asked to do. How to draw may have been left to the run that the checkpoint is from:
 * {@link #sampling} settles it once that run is known.
 *
 * @param checkpoint a run folder (its latest checkpoint counts) or the folder of one checkpoint
 * @param ema whether to draw from the averaged weights, not those of the last step
 * @param count images to draw
 * @param seed of the noise; the same seed gives the same images whatever {@code batch}
 * @param batch images drawn at a time
 * @param sampler as in {@link SampleConfig}; null: as the run
 * @param steps as in {@link SampleConfig}; null: as the run, or all of them for the ddpm sampler
 * @param eta as in {@link SampleConfig}; null: as the run
 * @param grid PNG with all images; null: none
 * @param out folder for one PNG per image; null: none
 * @param npy file of float32 [N,H,W,C] in [-1,1]; null: none
 * @param trajectory PNG or GIF that shows images emerging from noise; null: none
 * @param device what to compute on
 * @param profile the step to measure, counted over all batches from 1; 0 for none
 */
public record SampleRequest(
        Path checkpoint,
        boolean ema,
        int count,
        long seed,
        int batch,
        String sampler,
        Integer steps,
        Double eta,
        Path grid,
        Path out,
        Path npy,
        Path trajectory,
        DeviceChoice device,
        int profile) {

    /** The folder of the first of the outputs. */
    Path folder() {
        Path file = Stream.of(grid, npy, trajectory)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        return out != null ? out : file.toAbsolutePath().getParent();
    }

    /**
     * How to draw: what was asked for, the rest as in the run.
     *
     * @throws UserError where the two do not fit, such as more steps than the schedule has
     */
    public SampleConfig sampling(SampleConfig run, ScheduleConfig schedule) {
        String chosen = sampler != null ? sampler : run.sampler();
        int visited;
        if (steps != null) {
            visited = steps;
        } else if (chosen.equals("ddpm")) {
            visited = schedule.timesteps();
        } else {
            // a run whose previews took all steps says nothing about how many a shorter sampler should take
            visited = run.sampler().equals(chosen)
                    ? run.steps()
                    : Math.min(SampleConfig.standard().steps(), schedule.timesteps());
        }
        SampleConfig config =
                new SampleConfig(chosen, visited, eta != null ? eta : run.eta(), run.spacing(), run.clipX0(), count);
        Problems problems = new Problems();
        config.check(schedule.timesteps(), problems.in("sample"));
        problems.throwIfAny(key -> " (--sampler, --sample-steps and --eta set these)");
        return config;
    }
}
