package ddpm.cli;

import ddpm.DeviceChoice;
import ddpm.Devices;
import picocli.CommandLine.Option;

/** The options {@code --device} and {@code --no-graph}, which several commands have. */
final class DeviceOption {
    @Option(
            names = "--device",
            paramLabel = "auto|cpu|cuda",
            defaultValue = "auto",
            description =
                    "What to compute on; auto takes the GPU where there is a usable one. Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(
            names = "--no-graph",
            description = "On a GPU: ask for every kernel of every step instead of replaying a recorded step. Slower,"
                    + " the same results; for looking for defects.")
    private boolean noGraph;

    /** The device that it is; what it needs is loading from now on. */
    DeviceChoice resolved() {
        OptionChecks.oneOf("--device", device, DeviceChoice.NAMES);
        DeviceChoice choice = DeviceChoice.of(device, !noGraph);
        Devices.preload(choice);
        return choice;
    }
}
