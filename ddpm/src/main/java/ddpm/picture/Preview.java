package ddpm.picture;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;

/** A sheet of drawn images, near square. */
public final class Preview {
    private static final int PAD = 2;
    /** Smaller images are enlarged to about this height. */
    private static final int COMFORTABLE = 56;

    private Preview() {}

    /** Writes a PNG, atomically. @throws Pictures.UnavailableException where this Java cannot */
    public static void write(Path file, Drawn drawn) {
        write(file, drawn, List.of());
    }

    /** As the other; with names, a row for each, and the name beside it. */
    public static void write(Path file, Drawn drawn, List<String> rows) {
        write(file, drawn, rows, List.of());
    }

    /** As the other; with what is to be known of all images below them, part by part, such as {@code step 800}. */
    public static void write(Path file, Drawn drawn, List<String> rows, List<String> caption) {
        int count = drawn.images().length;
        int columns = rows.isEmpty() ? (int) Math.ceil(Math.sqrt(count)) : count / rows.size();
        int h = drawn.size().height();
        ImageGrid.write(file, Pictures.draw(() -> {
            BufferedImage sheet =
                    ImageGrid.grid(drawn.bytes(), h, drawn.size().width(), drawn.channels(), columns, PAD, zoom(h));
            BufferedImage named = rows.isEmpty() ? sheet : RowLabels.beside(sheet, rows, PAD);
            return caption.isEmpty() ? named : Caption.below(named, caption, PAD);
        }));
    }

    /** Whole factor by which images of {@code height} pixels are enlarged. */
    public static int zoom(int height) {
        return Math.max(1, COMFORTABLE / height);
    }
}
