package ddpm.sample;

import ddpm.DeviceChoice;
import ddpm.UserError;
import ddpm.config.Problems;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.solver.Solver.Option;
import ddpm.train.checkpoint.WeightsChoice;
import ddpm.train.settings.SampleConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What {@code ddpm sample} was asked to do. How to draw may have been left to the run that the checkpoint is from:
 * {@link #sampling} settles it once that run is known.
 *
 * @param checkpoint a run folder (its latest checkpoint counts) or the folder of one checkpoint
 * @param weights which weights to draw with
 * @param count images to draw
 * @param seed of the noise; the same seed gives the same images whatever {@code batch}
 * @param batch images drawn at a time
 * @param sampler as in {@link SampleConfig}; null: as the run
 * @param steps as in {@link SampleConfig}; null: as the run, or all of them for the ddpm sampler
 * @param spacing as in {@link SampleConfig}; null: as the run
 * @param eta as in {@link SampleConfig}; null: as the run
 * @param churn as in {@link SampleConfig}; null: as the run
 * @param threshold as in {@link SampleConfig}; null: as the run
 * @param precision what to compute in
 * @param classes what the images are to show
 * @param edit what they come from, where that is not noise alone
 * @param grid PNG with all images; null: none
 * @param out folder for one PNG per image; null: none
 * @param npy file of float32 [N,H,W,C] in [-1,1]; null: none
 * @param trajectory PNG or GIF that shows images emerging from noise; null: none
 * @param device what to compute on
 * @param profile the step to measure, counted over all batches from 1; 0 for none
 */
public record SampleRequest(
        Path checkpoint,
        WeightsChoice weights,
        int count,
        long seed,
        int batch,
        String sampler,
        Integer steps,
        String spacing,
        Double eta,
        Double churn,
        Double threshold,
        String precision,
        ClassRequest classes,
        EditRequest edit,
        Path grid,
        Path out,
        Path npy,
        Path trajectory,
        DeviceChoice device,
        int profile) {
    private static final String OPTIONS = "--sampler, --sample-steps, --spacing, --eta, --churn and --threshold";

    /** The same for another number of images, so many at a time. */
    SampleRequest withImages(int other, int atATime) {
        return new SampleRequest(
                checkpoint,
                weights,
                other,
                seed,
                atATime,
                sampler,
                steps,
                spacing,
                eta,
                churn,
                threshold,
                precision,
                classes,
                edit,
                grid,
                out,
                npy,
                trajectory,
                device,
                profile);
    }

    /** The folder of the first of the outputs. */
    Path folder() {
        Path file = Stream.of(grid, npy, trajectory)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        return out != null ? out : file.toAbsolutePath().getParent();
    }

    /**
     * What can be said before the run is known.
     *
     * @throws UserError where an option is out of its range, which is that of the setting
     */
    public void checkRanges() {
        SampleConfig standard = SampleConfig.standard();
        Problems problems = new Problems();
        over(standard, sampler != null ? sampler : standard.sampler(), steps != null ? steps : standard.steps())
                .check(problems);
        problems.found().stream().findFirst().ifPresent(p -> {
            throw UserError.usage((p.key().equals("steps") ? "--sample-steps" : "--" + p.key()) + ": " + p.text());
        });
    }

    private SampleConfig over(SampleConfig run, String chosen, int visited) {
        return new SampleConfig(
                chosen,
                visited,
                eta != null ? eta : edit.still() ? 0 : run.eta(),
                churn != null ? churn : run.churn(),
                spacing != null ? spacing : run.spacing(),
                run.clipX0(),
                threshold != null ? threshold : run.threshold(),
                count);
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
        SampleConfig config = over(run, chosen, visited);
        Problems problems = new Problems();
        config.check(problems.in("sample"));
        if (problems.isEmpty()) {
            config.checkWith(schedule, problems.in("sample"));
        }
        problems.throwIfAny(key -> " (" + OPTIONS + " set these)");
        return config;
    }

    /** The options given that the sampler takes no notice of. */
    List<String> unused(SampleConfig config) {
        List<String> unused = new ArrayList<>();
        if (eta != null && !config.uses().contains(Option.ETA)) {
            unused.add("--eta");
        }
        if (churn != null && !config.uses().contains(Option.CHURN)) {
            unused.add("--churn");
        }
        if (threshold != null && !config.uses().contains(Option.CLIP)) {
            unused.add("--threshold");
        }
        return unused;
    }
}
