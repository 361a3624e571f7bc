package ddpm.cli;

import picocli.CommandLine.Option;

/** The option {@code --no-graph} of the commands that do the same step again and again. */
final class GraphOption {
    @Option(
            names = "--no-graph",
            description = "Launch every operation of every step, instead of recording a step as a CUDA graph and"
                    + " replaying it: slower, the same results. For finding faults; means nothing on the CPU.")
    private boolean off;

    boolean on() {
        return !off;
    }
}
