package ddpm.compare;

import ddpm.picture.Drawn;
import ddpm.picture.HtmlPage;
import ddpm.picture.ImageGrid;
import ddpm.picture.LineChart;
import ddpm.picture.LossChart;
import ddpm.picture.Preview;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** comparison.html: tables, curves and pictures of runs beside each other. */
final class ComparisonPage {
    private static final int PAD = 2;

    private final Comparison c;
    private final HtmlPage page;

    private ComparisonPage(Comparison c) {
        this.c = c;
        this.page = new HtmlPage("Comparison of " + String.join(", ", c.names()));
    }

    static void write(Comparison c, Path file) {
        new ComparisonPage(c).page().write(file);
    }

    private HtmlPage page() {
        c.remarks().forEach(remark -> page.paragraph("warning", remark));
        page.element("h2", "How far they have come");
        table("", () -> c.progress().forEach(row -> row(row.name(), row.values())));
        page.element("h2", "Which settings differ");
        if (c.settings().rows().isEmpty()) {
            page.paragraph("", "None: the trainings differ by chance and by their length alone.");
        } else {
            table("setting", () -> c.settings().rows().forEach(row -> row(row.name(), row.values())));
        }
        losses();
        measures();
        grids();
        return page;
    }

    private void table(String first, Runnable rows) {
        List<String> head = new ArrayList<>(List.of(first));
        head.addAll(c.names());
        page.table(head, rows);
    }

    private void row(String name, List<String> values) {
        page.row(() -> {
            page.cell("", name);
            values.forEach(value -> page.cell("", value));
        });
    }

    private void losses() {
        page.element("h2", "The loss");
        if (!c.anyLoss()) {
            page.paragraph("", "None of them has logged one.");
            return;
        }
        List<LineChart.Line> lines = new ArrayList<>();
        for (Run run : c.runs()) {
            if (!run.curve().isEmpty()) {
                lines.add(new LineChart.Line(
                        run.name(),
                        run.curve().steps(),
                        LossChart.runningMean(run.curve().losses())));
            }
        }
        page.chart(
                new LineChart("step", "loss", false, lines),
                "The running mean over some twenty logged lines, upwards logarithmic.");
    }

    private void measures() {
        page.element("h2", "How good their images are");
        if (!c.measures().rows().isEmpty()) {
            table("measure", () -> c.measures().rows().forEach(row -> row(row.name(), row.values())));
        }
        page.list(c.measures().remarks());
    }

    private void grids() {
        page.element("h2", "What they draw")
                .paragraph("", "Image by image from the same seeds, beginning with " + c.seed() + ".");
        page.group("sheets", () -> {
            for (int i = 0; i < c.runs().size(); i++) {
                grid(c.runs().get(i).name(), c.grids().get(i));
            }
        });
    }

    private void grid(String name, Grid grid) {
        Drawn drawn = grid.drawn();
        if (drawn == null) {
            page.paragraph("warning", name + ": " + grid.remark());
            return;
        }
        int columns = (int) Math.ceil(Math.sqrt(drawn.images().length));
        int height = drawn.size().height();
        page.figure(
                () -> ImageGrid.grid(
                        drawn.bytes(),
                        height,
                        drawn.size().width(),
                        drawn.channels(),
                        columns,
                        PAD,
                        Preview.zoom(height)),
                name + ": " + grid.remark());
    }
}
