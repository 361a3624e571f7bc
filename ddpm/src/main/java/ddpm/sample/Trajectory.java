package ddpm.sample;

import ddpm.config.ImageSize;
import ddpm.diffusion.reverse.Observer;
import ddpm.diffusion.solver.Level;
import ddpm.engine.tensor.Tensor;
import ddpm.picture.ColumnLabels;
import ddpm.picture.Drawn;
import ddpm.picture.GifWriter;
import ddpm.picture.ImageGrid;
import ddpm.picture.Preview;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The way from noise to the first few images: x_t at evenly spaced steps, t above it, and below it the estimate of the
 * image that the model made there. The last moment, x0, shows the images themselves.
 */
final class Trajectory implements Observer {
    static final int MOST_IMAGES = 8;

    private static final int COLUMNS = 11;
    private static final int FRAMES = 101;
    private static final int FRAME_MILLIS = 60;
    private static final int REST_MILLIS = 2000;
    private static final int PAD = 2;

    private final Path file;
    private final ImageSize size;
    private final int channels;
    private final int steps;
    private final int[] moments;
    private final int[] timesteps;
    private final byte[][][] noisy;
    private final byte[][][] estimated;

    /**
     * @param file ends in .png or .gif
     * @param count images that are drawn; the first {@link #MOST_IMAGES} are shown
     * @param steps that lead to an image
     */
    Trajectory(Path file, ImageSize size, int channels, int count, int steps) {
        this.file = file;
        this.size = size;
        this.channels = channels;
        this.steps = steps;
        this.moments = moments(steps, isGif() ? FRAMES : COLUMNS);
        int images = Math.min(count, MOST_IMAGES);
        this.timesteps = new int[moments.length];
        this.noisy = new byte[moments.length][images][];
        this.estimated = new byte[moments.length][images][];
    }

    private boolean isGif() {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".gif");
    }

    /** Numbers of evenly spaced steps, {@code most} at most, from 0 to {@code steps}, which stands for the result. */
    static int[] moments(int steps, int most) {
        int gaps = Math.min(most - 1, steps);
        return IntStream.rangeClosed(0, gaps)
                .map(i -> Math.toIntExact(Math.round((double) i * steps / gaps)))
                .toArray();
    }

    @Override
    public void see(Moment now) {
        if (now.firstImage() >= noisy[0].length) {
            return;
        }
        int first = (int) now.firstImage();
        for (int m = 0; m < moments.length; m++) {
            if (moments[m] == now.evaluation() - 1) {
                timesteps[m] = Math.toIntExact(Math.round(now.stage().level().t()));
                keep(noisy[m], first, now.x(), shown(now.stage().level()));
                keep(estimated[m], first, now.x0(), 1);
            } else if (moments[m] == steps && now.evaluation() == steps) {
                keep(noisy[m], first, now.next(), 1);
                keep(estimated[m], first, now.x0(), 1);
            }
        }
    }

    /** Factor that brings x into the range of images where it grows with sigma. */
    private static float shown(Level level) {
        return (float) (1 / Math.max(1, Math.rint(Math.hypot(level.signal(), level.noise()) * 100) / 100));
    }

    private void keep(byte[][] into, int first, Tensor images, float factor) {
        float[] values = images.toFloats();
        for (int i = 0; factor != 1 && i < values.length; i++) {
            values[i] *= factor;
        }
        int length = size.height() * size.width() * channels;
        for (int i = first; i < into.length && (i - first) * length < values.length; i++) {
            into[i] = Drawn.bytes(values, (i - first) * length, length);
        }
    }

    /** Writes the file, atomically. */
    void write() {
        if (isGif()) {
            List<BufferedImage> frames = new ArrayList<>();
            for (int m = 0; m < moments.length; m++) {
                List<byte[]> tiles = new ArrayList<>(List.of(noisy[m]));
                tiles.addAll(List.of(estimated[m]));
                frames.add(sheet(tiles, noisy[m].length, List.of(label(m))));
            }
            GifWriter.write(file, frames, FRAME_MILLIS, REST_MILLIS);
        } else {
            List<byte[]> tiles = new ArrayList<>();
            for (int i = 0; i < noisy[0].length; i++) {
                row(noisy, i, tiles);
                row(estimated, i, tiles);
            }
            List<String> labels =
                    IntStream.range(0, moments.length).mapToObj(this::label).toList();
            ImageGrid.write(file, sheet(tiles, moments.length, labels));
        }
    }

    private static void row(byte[][][] images, int i, List<byte[]> tiles) {
        for (byte[][] moment : images) {
            tiles.add(moment[i]);
        }
    }

    private String label(int moment) {
        return moments[moment] == steps ? "x0" : "t=" + timesteps[moment];
    }

    private BufferedImage sheet(List<byte[]> tiles, int columns, List<String> labels) {
        int h = size.height();
        byte[][] images = tiles.toArray(byte[][]::new);
        BufferedImage sheet = ImageGrid.grid(images, h, size.width(), channels, columns, PAD, Preview.zoom(h));
        return ColumnLabels.above(sheet, columns, labels, PAD);
    }

    /** What the picture shows, for the user. */
    String describe() {
        if (isGif()) {
            return moments.length + " moments, x_t above, the model's estimate of the image below";
        }
        String columns = IntStream.range(0, moments.length - 1)
                .mapToObj(m -> String.valueOf(timesteps[m]))
                .collect(Collectors.joining(", "));
        return "columns: x_t at t = " + columns + " and the image; below each the model's estimate of the image";
    }
}
