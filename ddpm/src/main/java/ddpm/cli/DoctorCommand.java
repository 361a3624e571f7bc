package ddpm.cli;

import ddpm.doctor.Doctor;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ddpm doctor}: what this machine offers, and why something is not used. */
@Command(
        name = "doctor",
        sortOptions = false,
        sortSynopsis = false,
        description = {
            "Shows what the program finds here: Java, CPU and threads, oneDNN's version and instruction set, memory,"
                    + " data sets, devices and why one is unusable. To be added to a report of a defect.",
            ""
        },
        footer = {"", "Example:", "  ddpm doctor"})
final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        String[] version = new Version().getVersion();
        spec.commandLine().getOut().println(version[0]);
        boolean usable = new Doctor(spec.commandLine().getOut(), Main.environment(spec)).examine();
        return usable ? ExitCode.OK : ExitCode.FAILURE;
    }
}
