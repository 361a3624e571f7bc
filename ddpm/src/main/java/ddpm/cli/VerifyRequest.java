package ddpm.cli;

import ddpm.DeviceChoice;
import java.nio.file.Path;

/**
 * What {@code ddpm verify} was asked to do.
 *
 * @param golden the folder with the reference vectors
 * @param device what to compute on
 */
record VerifyRequest(Path golden, DeviceChoice device) {}
