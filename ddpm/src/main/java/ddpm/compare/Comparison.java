package ddpm.compare;

import ddpm.picture.LossChart;
import ddpm.terminal.Durations;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Runs beside each other, one column each.
 *
 * @param seed of all grids
 * @param grids one of each run
 */
record Comparison(List<Run> runs, Settings settings, Measures measures, long seed, List<Grid> grids) {
    static Comparison of(List<Run> runs, long seed, List<Grid> grids) {
        return new Comparison(runs, Settings.of(runs), Measures.of(runs), seed, grids);
    }

    List<String> names() {
        return runs.stream().map(Run::name).toList();
    }

    /** How far each training has come. */
    List<Row> progress() {
        return List.of(
                row(
                        "steps",
                        run -> String.format(
                                Locale.ROOT, "%,d", run.curve().last().step())),
                row(
                        "images seen",
                        run -> String.format(
                                Locale.ROOT, "%,d", run.curve().last().images())),
                row("training time", run -> Durations.text(run.curve().last().seconds())),
                row("loss at the end", run -> {
                    double[] means = LossChart.runningMean(run.curve().losses());
                    return String.format(Locale.ROOT, "%.5f", means[means.length - 1]);
                }));
    }

    private Row row(String name, Function<Run, String> value) {
        return new Row(
                name,
                runs.stream()
                        .map(run -> run.curve().isEmpty() ? Row.NONE : value.apply(run))
                        .toList());
    }

    /** Whether there is a loss to draw. */
    boolean anyLoss() {
        return runs.stream().anyMatch(run -> !run.curve().isEmpty());
    }

    /** What cannot be compared, and why, a sentence each. */
    List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        for (Run run : runs) {
            if (run.curve().isEmpty()) {
                remarks.add(run.name() + " has logged no loss.");
            }
        }
        Run first = runs.get(0);
        List<String> others =
                runs.stream().filter(run -> !run.losesAs(first)).map(Run::name).toList();
        if (!others.isEmpty()) {
            remarks.add(
                    "The losses of " + String.join(", ", others) + " measure another thing than that of " + first.name()
                            + ", since schedule or objective differ: their curves say how each falls, not which is better.");
        }
        List<String> sizes = runs.stream()
                .filter(run -> !run.drawsFromTheNoiseOf(first))
                .map(Run::name)
                .toList();
        if (!sizes.isEmpty()) {
            remarks.add("The images of " + String.join(", ", sizes) + " have another size than those of " + first.name()
                    + ", so the same seed is not the same noise: compare how they look, not image by image.");
        }
        return remarks;
    }
}
