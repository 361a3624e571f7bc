package ddpm.train.run;

import ddpm.DeviceChoice;
import ddpm.Invocation;
import ddpm.train.settings.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code ddpm train} was asked to do, resolved and validated.
 *
 * @param out the run folder; holds no run yet, or one to go on with where {@code resume}
 * @param device what to compute on
 * @param resume go on from the latest checkpoint in {@code out}
 * @param dryRun say what would be done and stop; nothing is written
 * @param quiet no progress, only warnings and errors
 * @param profile the step to measure, counted from 1 where the training begins or goes on; 0 for none
 */
public record TrainRequest(
        RunConfig config, Path out, DeviceChoice device, boolean resume, boolean dryRun, boolean quiet, int profile) {
    /** The command that goes on with this training. */
    String resumeCommand() {
        List<Object> words = new ArrayList<>(List.of("train", "--resume", "--out", out));
        if (!device.cuda() && device.whyNoGpu() == null) {
            words.addAll(List.of("--device", "cpu")); // was asked for: auto might take a GPU
        }
        return Invocation.command(words.toArray());
    }

    /** Without a profile. */
    public TrainRequest(
            RunConfig config, Path out, DeviceChoice device, boolean resume, boolean dryRun, boolean quiet) {
        this(config, out, device, resume, dryRun, quiet, 0);
    }
}
