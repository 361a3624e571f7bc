package ddpm.cli;

import ddpm.DeviceChoice;
import picocli.CommandLine.Option;

/** The option {@code --device}, which several commands have. */
final class DeviceOption {
    @Option(
            names = "--device",
            paramLabel = "auto|cpu|cuda",
            defaultValue = "auto",
            description = "What to compute on; auto takes the GPU where there is a usable one.")
    private String device;

    /** {@link DeviceChoice#CPU} or {@link DeviceChoice#CUDA}. */
    DeviceChoice resolved() {
        OptionChecks.oneOf("--device", device, DeviceChoice.NAMES);
        return DeviceChoice.of(device).resolved();
    }
}
