package ddpm.cli;

import ddpm.UserError;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code ddpm doctor}: what this machine offers, and why something is not used. */
@Command(
        name = "doctor",
        sortOptions = false,
        description = {
            "Shows what the program finds here: Java, CPU and threads, oneDNN's version and instruction set, memory,"
                    + " data sets, devices and why one is unusable. To be added to a report of a defect.",
            ""
        },
        footer = {"", "Example:", "  ddpm doctor"})
final class DoctorCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        // SEAM: the examination takes over here and returns an ExitCode
        throw new UserError("doctor: this build cannot examine the machine yet");
    }
}
