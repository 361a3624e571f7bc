package ddpm.sample;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.Pixels;
import ddpm.data.files.CropResize;
import ddpm.data.files.ImageDecoder;
import ddpm.engine.disk.IoReason;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads what drawings are edited with: images, masks, lists of seeds. */
final class EditFiles {
    private static final float HALF = 127.5f; // of a byte's range

    private EditFiles() {}

    /** An image as it lies in its file. @throws UserError naming the option */
    static Pixels read(String option, Path file) {
        try {
            return ImageDecoder.decode(Files.readAllBytes(file)).pixels();
        } catch (IOException e) {
            String reason = Files.isDirectory(file) ? "is a folder" : "cannot be used (" + IoReason.of(e) + ")";
            throw new UserError(option + " " + file + ": " + reason + "; name an image, such as a PNG", e);
        }
    }

    /** The image at a model's size and channels, -1 .. 1. */
    static float[] fitted(Pixels image, ImageSize size, int channels) {
        byte[] data = CropResize.fit(image.as(channels == 1 ? Channels.GREY : Channels.RGB), size)
                .data();
        float[] values = new float[data.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (data[i] & 255) / HALF - 1;
        }
        return values;
    }

    /** What fitting changed, for the user: {@code cat.jpg: 640x480 RGB cropped and resized to 28x28 grey}; empty for nothing. */
    static String note(Path file, Pixels image, ImageSize size, int channels) {
        boolean same = image.height() == size.height() && image.width() == size.width();
        String from = image.height() + "x" + image.width() + (image.channels() == 1 ? " grey" : " RGB");
        String to = size + (channels == 1 ? " grey" : " RGB");
        if (same && image.channels() == channels) {
            return "";
        }
        return file + ": " + from + (same ? " taken as " : " cropped around its middle and resized to ") + to;
    }

    /** Of a mask, 1 where the image stays (black) and 0 where it is drawn (white), for each channel. */
    static float[] kept(Pixels mask, ImageSize size, int channels) {
        byte[] data = CropResize.fit(mask.toGrey(), size).data();
        float[] kept = new float[data.length * channels];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = 1 - (data[i / channels] & 255) / 255f;
        }
        return kept;
    }

    /** One whole number a line; empty lines and what follows a # are passed over. */
    static long[] seeds(Path file) {
        List<Long> seeds = new ArrayList<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (MalformedInputException e) {
            throw new UserError("--seeds " + file + ": is no text; write one seed a line", e);
        } catch (IOException e) {
            throw new UserError(
                    "--seeds " + file + ": cannot be read (" + IoReason.of(e) + "); name a file with one seed a line",
                    e);
        }
        for (int i = 0; i < lines.size(); i++) {
            String text = lines.get(i).replaceFirst("#.*", "").strip();
            if (text.isEmpty()) {
                continue;
            }
            try {
                seeds.add(Long.parseLong(text));
            } catch (NumberFormatException e) {
                throw new UserError(
                        "--seeds " + file + ", line " + (i + 1) + ": \"" + text
                                + "\" is no seed; write one whole number a line",
                        e);
            }
        }
        if (seeds.isEmpty()) {
            throw new UserError("--seeds " + file + ": holds no seed; write one whole number a line");
        }
        return seeds.stream().mapToLong(Long::longValue).toArray();
    }
}
