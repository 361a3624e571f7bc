package ddpm.evaluate;

import ddpm.evaluate.likelihood.Findings;
import ddpm.evaluate.likelihood.Likelihood;
import ddpm.evaluate.likelihood.Likelihood.Range;
import ddpm.picture.HtmlPage;
import ddpm.picture.LineChart;
import ddpm.picture.LineChart.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The part of evaluation.html on bits and errors by t. */
record LikelihoodSection(Likelihood of, HtmlPage page) {
    void write() {
        Findings findings = new Findings(of);
        page.element("h2", "How many bits an image costs")
                .paragraph("", findings.bits())
                .table(List.of("part", "#bits per dimension", "what it pays for"), () -> {
                    part("t = 0", of.last(), "the levels of the image, where nearly all noise is gone");
                    part(
                            "t = 1 to " + (of.timesteps() - 1),
                            of.between(),
                            "each step back from more noise to less, which a better network makes cheaper");
                    part("the end", of.prior(), "what is left of the image where drawing starts from noise alone");
                    part("all", of.bits().mean(), "± " + number(of.bits().error()) + ", by chance");
                })
                .chart(
                        new LineChart(
                                "t + 1",
                                "bits of one t",
                                true,
                                List.of(line(
                                        "model",
                                        r -> r.middle() + 1,
                                        r -> r.bits().mean() / r.length()))),
                        "The bits of each t, both axes logarithmic: nearly all are spent where there is little noise.")
                .element("h2", "Where its guesses are better than a formula's")
                .paragraph("", findings.errors())
                .chart(
                        new LineChart("t", "mean squared error of the network's output", false, errors()),
                        "The error by t, upwards logarithmic. A formula knows mean and variance of the training images; a model has"
                                + " learned something where its line is below.")
                .list(findings.how());
    }

    private void part(String name, double bits, String what) {
        page.row(() -> page.cell("", name).cell("number", number(bits)).cell("meaning", what));
    }

    private static String number(double bits) {
        return String.format(Locale.ROOT, "%.4f", bits);
    }

    private List<Line> errors() {
        List<Line> lines = new ArrayList<>();
        lines.add(line("network", Range::middle, r -> r.loss().mean()));
        lines.add(line("each value from itself", Range::middle, Range::fromItself));
        if (of.matrix()) {
            lines.add(line("best linear formula", Range::middle, Range::fromAll));
        }
        return lines;
    }

    private Line line(String name, ToDoubleFunction<Range> x, ToDoubleFunction<Range> y) {
        return new Line(
                name,
                of.ranges().stream().mapToDouble(x).toArray(),
                of.ranges().stream().mapToDouble(y).toArray());
    }
}
