package ddpm.bench;

import ddpm.DeviceChoice;
import ddpm.Devices;
import ddpm.cli.OptionChecks;
import ddpm.engine.backend.Backend;
import java.util.List;

/** What is measured on. {@code auto} is refused: a result has to say where it was taken. */
final class Target {
    private static final List<String> DEVICES = List.of("cpu", "cuda");
    private static final List<String> PRECISIONS = List.of("fp32", "tf32", "bf16");

    private Target() {}

    /** @throws ddpm.UserError for any name but {@code cpu} and {@code cuda} */
    static DeviceChoice device(String name) {
        OptionChecks.oneOf("device", name, DEVICES);
        return DeviceChoice.of(name, true);
    }

    /** @throws ddpm.UserError where a name is unknown, or the device cannot be used */
    static Backend open(String device, String precision) {
        OptionChecks.oneOf("precision", precision, PRECISIONS);
        return Devices.open(device(device), precision);
    }
}
