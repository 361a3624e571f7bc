package ddpm.train.checkpoint;

import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.engine.tensor.HostTensor;
import ddpm.model.ModelConfig;
import ddpm.train.settings.SampleConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Weights, and what they are for.
 *
 * @param objective what they were taught
 * @param sample how the training drew its previews
 * @param classes names of the classes it knows, label by label; empty for none
 * @param file where the weights are from, for messages
 * @param weights by name, in PyTorch's layout; not yet compared with the model
 * @param notes what was assumed, for the user; a sentence each
 */
public record TrainedModel(
        ModelConfig model,
        ScheduleConfig diffusion,
        ObjectiveConfig objective,
        SampleConfig sample,
        List<String> classes,
        Path file,
        Map<String, HostTensor> weights,
        List<String> notes) {}
