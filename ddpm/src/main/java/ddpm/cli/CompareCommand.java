package ddpm.cli;

import ddpm.DeviceChoice;
import ddpm.UserError;
import ddpm.compare.CompareRequest;
import ddpm.compare.CompareSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ddpm compare}: runs beside each other. */
@Command(
        name = "compare",
        sortOptions = false,
        sortSynopsis = false,
        description = {
            "Puts trainings beside each other: which settings differ, how their losses fell, what evaluate found, and what"
                    + " they draw from the same seeds.",
            "",
            "Prints a table and writes comparison.html with curves and pictures. Runs of different kinds are compared as far"
                    + " as it goes, and what is not is said.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ddpm compare runs/a runs/b                    comparison.html here",
            "  ddpm compare runs/* --count 64 --out report   a larger grid of each",
            "  ddpm compare runs/a runs/b --sampler dpmpp_2m --sample-steps 20"
        })
final class CompareCommand implements Callable<Integer> {
    private static final int FEWEST = 2;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "2..*", paramLabel = "RUN", description = "Folders of trainings, two or more.")
    private List<Path> runs;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "16",
            description = "Images that each draws. Default: ${DEFAULT-VALUE}.")
    private int count;

    @Mixin
    private DrawingOptions drawing;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder for comparison.html. Default: here.")
    private Path out;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() throws IOException {
        drawing.check();
        OptionChecks.atLeast("--count", count, 1);
        long distinct = runs.stream()
                .map(run -> run.toAbsolutePath().normalize())
                .distinct()
                .count();
        if (distinct < FEWEST || distinct < runs.size()) {
            throw UserError.usage("compare: names a run twice; give two or more different ones");
        }
        for (Path run : runs) {
            CheckpointArgument.requireThere("", run);
        }
        DeviceChoice on = device.resolved();
        new CompareSession(
                        new CompareRequest(
                                runs.stream()
                                        .map(run -> drawing.request(run, count, on))
                                        .toList(),
                                out == null ? Path.of("") : out,
                                on),
                        spec.commandLine().getOut())
                .run();
        return ExitCode.OK;
    }
}
