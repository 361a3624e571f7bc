package ddpm.cli;

import ddpm.UserError;
import picocli.CommandLine.Option;

/** The option {@code --profile} of the commands that take steps. */
final class ProfileOption {
    @Option(
            names = "--profile",
            arity = "0..1",
            paramLabel = "N",
            fallbackValue = "20",
            description =
                    "Measure the N-th step from here on (without a number: the 20th, when all is warmed up) kernel"
                            + " by kernel on a GPU, operation by operation on a CPU. Prints the table and writes it, and"
                            + " a trace for chrome://tracing or Perfetto: profile.txt and trace.json in the folder of a"
                            + " training, sample-profile.txt and sample-trace.json beside drawn images.")
    private Integer step;

    /** The step to measure, from 1; 0 for none. */
    int step() {
        if (step != null && step < 1) {
            throw UserError.usage("--profile=" + step + ": steps are counted from 1");
        }
        return step == null ? 0 : step;
    }
}
