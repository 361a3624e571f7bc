package ddpm.picture;

import java.nio.file.Path;

/** A sheet of drawn images, near square. */
public final class Preview {
    private static final int PAD = 2;
    /** Smaller images are enlarged to about this height. */
    private static final int COMFORTABLE = 56;

    private Preview() {}

    /** Writes a PNG, atomically. @throws Pictures.UnavailableException where this Java cannot */
    public static void write(Path file, Drawn drawn) {
        int columns = (int) Math.ceil(Math.sqrt(drawn.images().length));
        int h = drawn.size().height();
        ImageGrid.write(
                file,
                Pictures.draw(() -> ImageGrid.grid(
                        drawn.bytes(), h, drawn.size().width(), drawn.channels(), columns, PAD, zoom(h))));
    }

    /** Whole factor by which images of {@code height} pixels are enlarged. */
    public static int zoom(int height) {
        return Math.max(1, COMFORTABLE / height);
    }
}
