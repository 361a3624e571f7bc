package ddpm.evaluate;

import ddpm.evaluate.measure.Rows;
import ddpm.picture.HtmlPage;
import ddpm.picture.ImageGrid;
import ddpm.picture.Preview;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** evaluation.html: one file with numbers, words and pictures, for people. */
final class EvaluationPage {
    private static final int SHOWN = 100; // samples, and as many real images
    private static final int COLUMNS = 10;
    private static final int PAIRS = 12; // samples most like copies, and as many others
    private static final int PAD = 2;
    private static final int SHEET_PIXELS = 56; // about so high are enlarged images of the sheets

    private final Evaluation e;
    private final HtmlPage page;

    private EvaluationPage(Evaluation e) {
        this.e = e;
        this.page = new HtmlPage("Evaluation of " + e.source());
    }

    static void write(Evaluation evaluation, Path file) {
        new EvaluationPage(evaluation).page().write(file);
    }

    private HtmlPage page() {
        Verdict verdict = Verdict.of(e);
        page.paragraph("verdict", verdict.headline());
        verdict.warnings().forEach(warning -> page.paragraph("warning", "Warning: " + warning));
        page.list(verdict.findings());
        pictures();
        numbers();
        pairs();
        if (e.shown() != null) {
            classes(e.shown());
        }
        appearance();
        if (e.likelihood() != null) {
            new LikelihoodSection(e.likelihood(), page).write();
        }
        about();
        return page;
    }

    private void pictures() {
        page.element("h2", "What it draws").group("sheets", () -> {
            sheet(e.samples(), "Samples of the model");
            sheet(e.real(), "Real images, which it should be hard to tell them from");
        });
    }

    private void sheet(Rows of, String caption) {
        int count = Math.min(SHOWN, of.count());
        byte[][] images =
                IntStream.range(0, count).mapToObj(i -> PixelRows.bytes(of, i)).toArray(byte[][]::new);
        figure(images, COLUMNS, SHEET_PIXELS / e.size().height(), caption);
    }

    private void figure(byte[][] images, int columns, int zoom, String caption) {
        page.figure(
                () -> ImageGrid.grid(
                        images, e.size().height(), e.size().width(), e.channels(), columns, PAD, Math.max(1, zoom)),
                caption);
    }

    private void numbers() {
        page.element("h2", "The numbers")
                .paragraph(
                        "",
                        "Each is computed twice: for the samples, and for as many real images that the comparison does not contain. The"
                                + " second is what a perfect model would get; no model can be expected to be better. ± is what"
                                + " chance does to a number, from three thirds of the samples.")
                .table(List.of("measure", "#samples", "#real images", "so the samples are"), () -> {
                    for (Quantity q : Quantity.values()) {
                        page.row(() -> number(q));
                    }
                });
    }

    private void number(Quantity q) {
        Verdict.Grade grade = e.grade(q);
        page.cell("", q.title(), q.meaning())
                .cell(
                        "number",
                        q.text(q.of(e.model().whole())) + " ± "
                                + q.text(e.model().error(q)))
                .cell("number", q.text(q.of(e.floor().whole())))
                .cell(grade.name(), grade.words());
    }

    private void pairs() {
        page.element("h2", "Are they copies?")
                .paragraph(
                        "",
                        String.format(
                                Locale.ROOT,
                                "Left a sample, right the training image that it is most like, pixel by pixel; below, by how much they differ"
                                        + " (of 255, root mean square). A sample whose difference is below a third of that to its"
                                        + " 50th nearest counts as a copy: %s %% of the samples do, and %s %% of real images. Shown are"
                                        + " the %d samples most like copies, then others. The usual difference is %.1f for"
                                        + " samples, %.1f for real images.",
                                Verdict.hundred(e.near().copies()),
                                Verdict.hundred(e.realNear().copies()),
                                PAIRS,
                                e.near().medianDistance(),
                                e.realNear().medianDistance()))
                .group("pairs", () -> {
                    int[] order = e.near().mostLikeCopies();
                    for (int i = 0; i < Math.min(2 * PAIRS, order.length); i++) {
                        pair(
                                i < PAIRS
                                        ? order[i]
                                        : order[order.length / 2 + (i - PAIRS) % (order.length - order.length / 2)]);
                    }
                });
    }

    private void pair(int sample) {
        boolean copy = e.near().ratio()[sample] < Neighbours.COPY;
        byte[][] both = {
            PixelRows.bytes(e.samples(), sample),
            PixelRows.bytes(e.training(), e.near().nearest()[sample])
        };
        figure(
                both,
                2,
                Preview.zoom(e.size().height()),
                String.format(Locale.ROOT, "%.1f%s", e.near().distance()[sample], copy ? ", a copy" : ""));
    }

    private void classes(Shown s) {
        List<String> head = new ArrayList<>(List.of("class", "#of the samples", "#of real images"));
        if (s.conditional()) {
            head.addAll(List.of("#asked for", "#of these, it is shown by"));
        }
        double all = e.samples().count();
        page.element("h2", "What they show")
                .paragraph(
                        "",
                        String.format(
                                Locale.ROOT,
                                "By a small network that recognises %s of 100 real images. Samples are spread over the classes with %.2f bits"
                                        + " (entropy), real images with %.2f; %.2f would be all classes alike.",
                                Verdict.hundred(s.accuracy()),
                                Shown.entropy(s.counts()),
                                Shown.entropy(s.realCounts()),
                                Math.log(s.classes().size()) / Math.log(2)))
                .table(head, () -> IntStream.range(0, s.classes().size())
                        .forEach(k -> page.row(() -> ofClass(s, k, all))));
    }

    private void ofClass(Shown s, int k, double all) {
        page.cell("", s.classes().get(k))
                .cell("number", Verdict.hundred(s.counts()[k] / all) + " %")
                .cell("number", Verdict.hundred(s.realCounts()[k] / all) + " %");
        if (s.conditional()) {
            int asked = s.asked()[k];
            page.cell("number", String.valueOf(asked))
                    .cell("number", asked == 0 ? "" : Verdict.hundred(s.asAsked()[k] / (double) asked) + " %");
        }
    }

    private void appearance() {
        page.element("h2", "Brightness and colour")
                .table(
                        List.of("of an image", "#samples", "#real images", "#unusual samples", "#unusual real images"),
                        () -> {
                            for (Tints t : e.tints()) {
                                page.row(() -> page.cell("", t.name())
                                        .cell("number", String.format(Locale.ROOT, "%.1f", t.samples()))
                                        .cell("number", String.format(Locale.ROOT, "%.1f", t.real()))
                                        .cell("number", Verdict.hundred(t.outside()) + " %")
                                        .cell("number", Verdict.hundred(t.realOutside()) + " %"));
                            }
                        })
                .paragraph("meaning", "Of 255. Unusual is what lies outside of 98 of 100 training images.");
    }

    private void about() {
        List<String> how = new ArrayList<>();
        how.add(String.format(Locale.ROOT, "%,d samples of %s.", e.samples().count(), e.source()));
        how.add(String.format(
                Locale.ROOT,
                "Compared with %,d training images of %s; for precision, recall, density and coverage with as many as there"
                        + " are samples.",
                e.reference(),
                e.data()));
        how.add("Real images: " + e.held() + ".");
        how.add("Features: " + e.features()
                + ". Distances are between features, 64 numbers that a small network makes of an"
                + " image; numbers made with other networks, such as the usual FID, cannot be compared with these.");
        how.addAll(e.notes());
        page.element("h2", "How it was measured").list(how);
    }
}
