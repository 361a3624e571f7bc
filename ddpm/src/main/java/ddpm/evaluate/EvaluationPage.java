package ddpm.evaluate;

import ddpm.disk.AtomicFile;
import ddpm.evaluate.measure.Rows;
import ddpm.picture.ImageGrid;
import ddpm.picture.Pictures;
import ddpm.picture.Preview;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.stream.IntStream;

/** evaluation.html: one file with numbers, words and pictures, for people; also well-formed XML. */
final class EvaluationPage {
    private static final int SHOWN = 100; // samples, and as many real images
    private static final int COLUMNS = 10;
    private static final int PAIRS = 12; // samples most like copies, and as many others
    private static final int PAD = 2;
    private static final int SHEET_PIXELS = 56; // about so high are enlarged images of the sheets

    private static final String STYLE =
            """
            body { font: 16px/1.5 sans-serif; color: #222; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
            h2 { margin-top: 2.5rem }
            table { border-collapse: collapse; width: 100% }
            td, th { padding: .4rem .6rem; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top }
            td.number, th.number { text-align: right; white-space: nowrap }
            .verdict { background: #eef3f8; border-left: .4rem solid #4a7aaa; padding: .6rem 1rem; font-size: 1.15rem }
            .warning { background: #fdf1dd; border-left: .4rem solid #d08a1d; padding: .6rem 1rem; margin-top: .5rem }
            .GOOD { color: #1b7a34 } .NEAR { color: #5f7a1b } .OFF { color: #b06a00 } .FAR { color: #b02020 }
            .meaning, figcaption { color: #555; font-size: .9rem }
            .sheets, .pairs { display: flex; flex-wrap: wrap; gap: 1rem } figure { margin: 0 }
            .sheets figure { flex: 1 1 45%; min-width: 18rem }
            img { image-rendering: pixelated; max-width: 100% }
            """;

    private final StringBuilder html = new StringBuilder();
    private final Evaluation e;

    private EvaluationPage(Evaluation e) {
        this.e = e;
    }

    static void write(Evaluation evaluation, Path file) {
        byte[] text = of(evaluation).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(text));
    }

    static String of(Evaluation evaluation) {
        return new EvaluationPage(evaluation).page();
    }

    private String page() {
        Verdict verdict = Verdict.of(e);
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>Evaluation of ")
                .append(escaped(e.source()))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n");
        element("h1", "Evaluation of " + e.source());
        paragraph("verdict", verdict.headline());
        verdict.warnings().forEach(warning -> paragraph("warning", "Warning: " + warning));
        html.append("<ul>\n");
        verdict.findings().forEach(finding -> element("li", finding));
        html.append("</ul>\n");
        pictures();
        numbers();
        pairs();
        if (e.shown() != null) {
            classes(e.shown());
        }
        appearance();
        about();
        return html.append("</body>\n</html>\n").toString();
    }

    private void pictures() {
        element("h2", "What it draws");
        html.append("<div class=\"sheets\">\n");
        sheet(e.samples(), "Samples of the model");
        sheet(e.real(), "Real images, which it should be hard to tell them from");
        html.append("</div>\n");
    }

    private void sheet(Rows of, String caption) {
        int count = Math.min(SHOWN, of.count());
        byte[][] images =
                IntStream.range(0, count).mapToObj(i -> PixelRows.bytes(of, i)).toArray(byte[][]::new);
        figure(images, COLUMNS, SHEET_PIXELS / e.size().height(), caption);
    }

    private void figure(byte[][] images, int columns, int zoom, String caption) {
        html.append("<figure>");
        try {
            byte[] png = Pictures.draw(() -> ImageGrid.png(ImageGrid.grid(
                    images, e.size().height(), e.size().width(), e.channels(), columns, PAD, Math.max(1, zoom))));
            html.append("<img alt=\"")
                    .append(escaped(caption))
                    .append("\" src=\"data:image/png;base64,")
                    .append(Base64.getEncoder().encodeToString(png))
                    .append("\"/>");
        } catch (Pictures.UnavailableException unavailable) {
            html.append("no picture: ").append(escaped(unavailable.getMessage()));
        }
        html.append("<figcaption>").append(escaped(caption)).append("</figcaption></figure>\n");
    }

    private void numbers() {
        element("h2", "The numbers");
        paragraph(
                "",
                "Each is computed twice: for the samples, and for as many real images that the comparison does not contain. The"
                        + " second is what a perfect model would get; no model can be expected to be better. ± is what"
                        + " chance does to a number, from three thirds of the samples.");
        html.append(
                "<table>\n<tr><th>measure</th><th class=\"number\">samples</th><th class=\"number\">real images</th>"
                        + "<th>so the samples are</th></tr>\n");
        for (Quantity q : Quantity.values()) {
            Verdict.Grade grade = e.grade(q);
            html.append("<tr><td>")
                    .append(escaped(q.title()))
                    .append("<div class=\"meaning\">")
                    .append(escaped(q.meaning()))
                    .append("</div></td>");
            number(q.text(q.of(e.model().whole())) + " ± " + q.text(e.model().error(q)));
            number(q.text(q.of(e.floor().whole())));
            html.append("<td class=\"").append(grade.name()).append("\">");
            html.append(escaped(grade.words())).append("</td></tr>\n");
        }
        html.append("</table>\n");
    }

    private void pairs() {
        element("h2", "Are they copies?");
        paragraph(
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
                        e.realNear().medianDistance()));
        html.append("<div class=\"pairs\">\n");
        int[] order = e.near().mostLikeCopies();
        for (int i = 0; i < Math.min(2 * PAIRS, order.length); i++) {
            int sample =
                    i < PAIRS ? order[i] : order[order.length / 2 + (i - PAIRS) % (order.length - order.length / 2)];
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
        html.append("</div>\n");
    }

    private void classes(Shown s) {
        element("h2", "What they show");
        paragraph(
                "",
                String.format(
                        Locale.ROOT,
                        "By a small network that recognises %s of 100 real images. Samples are spread over the classes with %.2f bits"
                                + " (entropy), real images with %.2f; %.2f would be all classes alike.",
                        Verdict.hundred(s.accuracy()),
                        Shown.entropy(s.counts()),
                        Shown.entropy(s.realCounts()),
                        Math.log(s.classes().size()) / Math.log(2)));
        html.append(
                "<table>\n<tr><th>class</th><th class=\"number\">of the samples</th><th class=\"number\">of real images</th>");
        html.append(
                s.conditional()
                        ? "<th class=\"number\">asked for</th><th class=\"number\">of these, it is shown by</th>"
                        : "");
        html.append("</tr>\n");
        double all = e.samples().count();
        for (int k = 0; k < s.classes().size(); k++) {
            html.append("<tr><td>").append(escaped(s.classes().get(k))).append("</td>");
            number(Verdict.hundred(s.counts()[k] / all) + " %");
            number(Verdict.hundred(s.realCounts()[k] / all) + " %");
            if (s.conditional()) {
                number(String.valueOf(s.asked()[k]));
                number(s.asked()[k] == 0 ? "" : Verdict.hundred(s.asAsked()[k] / (double) s.asked()[k]) + " %");
            }
            html.append("</tr>\n");
        }
        html.append("</table>\n");
    }

    private void appearance() {
        element("h2", "Brightness and colour");
        html.append(
                "<table>\n<tr><th>of an image</th><th class=\"number\">samples</th><th class=\"number\">real images</th>"
                        + "<th class=\"number\">unusual samples</th><th class=\"number\">unusual real images</th></tr>\n");
        for (Tints t : e.tints()) {
            html.append("<tr><td>").append(escaped(t.name())).append("</td>");
            number(String.format(Locale.ROOT, "%.1f", t.samples()));
            number(String.format(Locale.ROOT, "%.1f", t.real()));
            number(Verdict.hundred(t.outside()) + " %");
            number(Verdict.hundred(t.realOutside()) + " %");
            html.append("</tr>\n");
        }
        html.append("</table>\n");
        paragraph("meaning", "Of 255. Unusual is what lies outside of 98 of 100 training images.");
    }

    private void about() {
        element("h2", "How it was measured");
        html.append("<ul>\n");
        element(
                "li",
                String.format(Locale.ROOT, "%,d samples of %s.", e.samples().count(), e.source()));
        element(
                "li",
                String.format(
                        Locale.ROOT,
                        "Compared with %,d training images of %s; for precision, recall, density and coverage with as many as there"
                                + " are samples.",
                        e.reference(),
                        e.data()));
        element("li", "Real images: " + e.held() + ".");
        element(
                "li",
                "Features: " + e.features()
                        + ". Distances are between features, 64 numbers that a small network makes of an"
                        + " image; numbers made with other networks, such as the usual FID, cannot be compared with these.");
        e.notes().forEach(note -> element("li", note));
        html.append("</ul>\n");
    }

    private void number(String text) {
        html.append("<td class=\"number\">").append(escaped(text)).append("</td>");
    }

    private void paragraph(String kind, String text) {
        html.append(kind.isEmpty() ? "<p>" : "<p class=\"" + kind + "\">")
                .append(escaped(text))
                .append("</p>\n");
    }

    private void element(String name, String text) {
        html.append('<')
                .append(name)
                .append('>')
                .append(escaped(text))
                .append("</")
                .append(name)
                .append(">\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
