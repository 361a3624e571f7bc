package ddpm.cli;

import ddpm.Devices;
import ddpm.UserError;
import ddpm.engine.backend.Backend;
import ddpm.verify.Verification;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ddpm verify}: compares this build's numbers with those of the PyTorch reference. */
@Command(
        name = "verify",
        sortOptions = false,
        sortSynopsis = false,
        description = {
            "Computes the cases of a folder of reference vectors and compares: one line per case with the largest"
                    + " difference and the tolerance. Fails if any case is off, missing or not covered.",
            ""
        },
        footer = {"", "Example:", "  ddpm verify golden --device cpu"})
final class VerifyCommand implements Callable<Integer> {
    /** What the reference's tolerances are for. */
    private static final String PRECISION = "fp32";

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "DIR",
            description = "The folder with scheduler.safetensors, ops.safetensors, unet_small_*, ...")
    private Path golden;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() {
        VerifyRequest request = request();
        try (Backend backend = Devices.open(request.device(), PRECISION)) {
            boolean allOk = Verification.run(
                    request.golden(), backend, spec.commandLine().getOut());
            return allOk ? ExitCode.OK : ExitCode.FAILURE;
        }
    }

    VerifyRequest request() {
        if (!Files.isDirectory(golden)) {
            throw UserError.usage("verify " + golden + ": there is no such folder; name one with reference vectors");
        }
        return new VerifyRequest(golden, device.resolved());
    }
}
