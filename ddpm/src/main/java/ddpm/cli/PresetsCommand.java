package ddpm.cli;

import ddpm.train.settings.Presets;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ddpm presets}: the configurations that come with the program. */
@Command(
        name = "presets",
        sortOptions = false,
        sortSynopsis = false,
        description = {"Lists the presets, or prints one as YAML that train --config accepts.", ""},
        footer = {
            "",
            "Examples:",
            "  ddpm presets",
            "  ddpm presets quick > mine.yaml",
            "  ddpm train --config mine.yaml --out runs/mine"
        })
final class PresetsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "The preset to print.")
    private String name;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (name != null) {
            out.print(Presets.yaml(name));
        } else {
            ListCommand.print(Presets.all(), "", out);
        }
        return ExitCode.OK;
    }
}
