package ddpm.cli;

import ddpm.UserError;
import ddpm.config.Named;
import ddpm.config.Nearest;
import ddpm.data.source.DataSources;
import ddpm.diffusion.Variance;
import ddpm.diffusion.prediction.Predictions;
import ddpm.diffusion.schedule.Schedules;
import ddpm.diffusion.solver.Solvers;
import ddpm.diffusion.solver.Spacing;
import ddpm.diffusion.times.Times;
import ddpm.diffusion.weighting.Weightings;
import ddpm.model.list.Models;
import ddpm.train.settings.Presets;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ddpm list}: everything that can be chosen by name. */
@Command(
        name = "list",
        sortOptions = false,
        sortSynopsis = false,
        description = {"Lists what can be chosen by name: samplers, schedules, predictions and more, a line each.", ""},
        footer = {"", "Examples:", "  ddpm list", "  ddpm list samplers"})
final class ListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FAMILY",
            completionCandidates = Families.class,
            description = "One of ${COMPLETION-CANDIDATES}. Default: all of them.")
    private String family;

    @Override
    public Integer call() {
        Map<String, List<? extends Named<?>>> families = families();
        PrintWriter out = spec.commandLine().getOut();
        if (family == null) {
            families.forEach((name, all) -> {
                out.println(name + ":");
                print(all, "  ", out);
                out.println();
            });
            return ExitCode.OK;
        }
        List<? extends Named<?>> all = families.get(family);
        if (all == null) {
            throw UserError.usage(Nearest.missing("list", family, families.keySet()));
        }
        print(all, "", out);
        return ExitCode.OK;
    }

    /** The names of the lists, for the help. */
    static final class Families implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return families().keySet().iterator();
        }
    }

    private static Map<String, List<? extends Named<?>>> families() {
        Map<String, List<? extends Named<?>>> families = new LinkedHashMap<>();
        families.put("samplers", Solvers.ALL);
        families.put(
                "spacings",
                Arrays.stream(Spacing.values())
                        .map(s -> Named.named(s.text(), s.summary(), s))
                        .toList());
        families.put("schedules", Schedules.ALL);
        families.put("predictions", Predictions.ALL);
        families.put("weightings", Weightings.ALL);
        families.put("times", Times.ALL);
        families.put(
                "variances",
                Arrays.stream(Variance.values())
                        .map(v -> Named.named(v.text(), v.summary(), v))
                        .toList());
        families.put("models", Models.ALL);
        families.put("presets", Presets.all());
        families.put("data", DataSources.NAMED);
        return families;
    }

    /** A line each: name, then summary, in two columns. */
    static void print(List<? extends Named<?>> all, String indent, PrintWriter out) {
        int width = all.stream().mapToInt(n -> n.name().length()).max().orElse(0);
        all.forEach(
                n -> out.println(indent + n.name() + " ".repeat(width - n.name().length() + 2) + n.summary()));
    }
}
