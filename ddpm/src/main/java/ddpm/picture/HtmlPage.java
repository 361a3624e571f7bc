package ddpm.picture;

import ddpm.disk.AtomicFile;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;

/**
 * A page of headings, sentences, tables and pictures in one file that loads nothing from elsewhere; also well-formed XML. Every text is
 * plain: what HTML would take for markup is escaped.
 */
public final class HtmlPage {
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

    /** @param title of the page, also its first heading */
    public HtmlPage(String title) {
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>")
                .append(escaped(title))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n");
        element("h1", title);
    }

    /** An element with a text in it. @param name such as {@code h2} */
    public HtmlPage element(String name, String text) {
        html.append('<').append(name).append('>').append(escaped(text)).append("</");
        html.append(name).append(">\n");
        return this;
    }

    /** @param kind a class of the style, or empty */
    public HtmlPage paragraph(String kind, String text) {
        html.append(kind.isEmpty() ? "<p>" : "<p class=\"" + kind + "\">")
                .append(escaped(text))
                .append("</p>\n");
        return this;
    }

    /** Each text an item. */
    public HtmlPage list(List<String> items) {
        html.append("<ul>\n");
        items.forEach(item -> element("li", item));
        html.append("</ul>\n");
        return this;
    }

    /** Pictures side by side, as far as there is room. @param kind {@code sheets} or {@code pairs} */
    public HtmlPage group(String kind, Runnable pictures) {
        html.append("<div class=\"").append(kind).append("\">\n");
        pictures.run();
        html.append("</div>\n");
        return this;
    }

    /** A table. @param head its columns; those whose name begins with {@code #} hold numbers */
    public HtmlPage table(List<String> head, Runnable rows) {
        html.append("<table>\n<tr>");
        for (String column : head) {
            html.append(column.startsWith("#") ? "<th class=\"number\">" : "<th>")
                    .append(escaped(column.startsWith("#") ? column.substring(1) : column))
                    .append("</th>");
        }
        html.append("</tr>\n");
        rows.run();
        html.append("</table>\n");
        return this;
    }

    /** A row of a table. */
    public HtmlPage row(Runnable cells) {
        html.append("<tr>");
        cells.run();
        html.append("</tr>\n");
        return this;
    }

    /** @param kind a class of the style, such as {@code number}, or empty */
    public HtmlPage cell(String kind, String text) {
        return cell(kind, text, "");
    }

    /** @param meaning stands small below the text; empty for none */
    public HtmlPage cell(String kind, String text, String meaning) {
        html.append(kind.isEmpty() ? "<td>" : "<td class=\"" + kind + "\">").append(escaped(text));
        if (!meaning.isEmpty()) {
            html.append("<div class=\"meaning\">").append(escaped(meaning)).append("</div>");
        }
        html.append("</td>");
        return this;
    }

    /** A picture with words below it; where the machine cannot draw it, the reason. */
    public HtmlPage figure(Supplier<BufferedImage> picture, String caption) {
        html.append("<figure>");
        try {
            byte[] png = Pictures.draw(() -> ImageGrid.png(picture.get()));
            html.append("<img alt=\"")
                    .append(escaped(caption))
                    .append("\" src=\"data:image/png;base64,")
                    .append(Base64.getEncoder().encodeToString(png))
                    .append("\"/>");
        } catch (Pictures.UnavailableException unavailable) {
            html.append("no picture: ").append(escaped(unavailable.getMessage()));
        }
        html.append("<figcaption>").append(escaped(caption)).append("</figcaption></figure>\n");
        return this;
    }

    /** A chart, as {@link #figure}. */
    public HtmlPage chart(LineChart chart, String caption) {
        return figure(() -> chart.draw().picture(), caption);
    }

    /** The page as it stands. */
    public String text() {
        return html + "</body>\n</html>\n";
    }

    /** Writes it, atomically. Throws {@link ddpm.DataException} if it cannot. */
    public void write(Path file) {
        byte[] bytes = text().getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(bytes));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
