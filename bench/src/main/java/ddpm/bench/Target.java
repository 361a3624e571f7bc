package ddpm.bench;

import ddpm.DeviceChoice;
import ddpm.Devices;
import ddpm.UserError;
import ddpm.engine.backend.Backend;
import java.util.List;

/** What is measured on. {@code auto} is refused: a result has to say where it was taken. */
final class Target {
    private static final List<String> PRECISIONS = List.of("fp32", "tf32", "bf16");

    private Target() {}

    /** @throws UserError for any name but {@code cpu} and {@code cuda} */
    static DeviceChoice device(String name) {
        return switch (name) {
            case "cpu" -> DeviceChoice.CPU;
            case "cuda" -> DeviceChoice.CUDA;
            default -> throw UserError.usage("device " + name + ": must be cpu or cuda");
        };
    }

    /** @throws UserError where a name is unknown, or the device cannot be used */
    static Backend open(String device, String precision) {
        if (!PRECISIONS.contains(precision)) {
            throw UserError.usage("precision " + precision + ": must be fp32, tf32 or bf16");
        }
        return Devices.open(device(device), precision);
    }
}
