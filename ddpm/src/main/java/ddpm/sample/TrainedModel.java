package ddpm.sample;

import ddpm.diffusion.ScheduleConfig;
import ddpm.engine.io.HostTensor;
import ddpm.model.UNetConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * Weights, and what they are for.
 *
 * @param sample how the training drew its previews
 * @param file where the weights are from, for messages
 * @param weights by name, in PyTorch's layout; not yet compared with the model
 */
public record TrainedModel(
        UNetConfig model, ScheduleConfig diffusion, SampleConfig sample, Path file, Map<String, HostTensor> weights) {}
