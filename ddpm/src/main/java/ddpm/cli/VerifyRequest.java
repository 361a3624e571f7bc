package ddpm.cli;

import ddpm.DeviceChoice;
import java.nio.file.Path;

/**
 * What {@code ddpm verify} was asked to do.
 *
 * @param golden the folder with the reference vectors
 * @param device {@link DeviceChoice#CPU} or {@link DeviceChoice#CUDA}
 */
record VerifyRequest(Path golden, DeviceChoice device) {}
