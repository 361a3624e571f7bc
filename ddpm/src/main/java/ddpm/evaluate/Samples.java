package ddpm.evaluate;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.Images;
import ddpm.data.Pixels;
import ddpm.data.files.CropResize;
import ddpm.data.files.ImageDecoder;
import ddpm.engine.disk.IoReason;
import ddpm.evaluate.measure.Rows;
import ddpm.picture.Drawn;
import ddpm.sample.NpyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The images that are measured.
 *
 * @param pixels 0 .. 255
 * @param labels what each was asked to show, a label of the model; null where nothing was asked for
 * @param notes of how they were read, for the user
 */
record Samples(Rows pixels, int[] labels, List<String> notes) {
    private static final int NAMED = 3;

    static Samples of(Drawn drawn, int[] labels) {
        return new Samples(rows(drawn.bytes()), labels, List.of());
    }

    /** Of a file that numpy.save wrote. */
    static Samples ofNpy(Path file, ImageSize size, int channels) {
        float[][] images = NpyFile.read("--npy", file, size, channels);
        return of(new Drawn(size, channels, images), null);
    }

    /** All pictures in a folder and the folders in it, fitted to the data's size and channels. */
    static Samples ofFolder(Path folder, ImageSize size, int channels) {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UserError("--images " + folder + ": cannot be listed (" + IoReason.of(e) + ")", e);
        }
        List<byte[]> images = new ArrayList<>();
        List<String> rejected = new ArrayList<>();
        int fitted = 0;
        for (Path file : files) {
            try {
                Pixels image = ImageDecoder.decode(Files.readAllBytes(file)).pixels();
                fitted += image.height() != size.height() || image.width() != size.width() ? 1 : 0;
                images.add(CropResize.fit(image.as(channels == 1 ? Channels.GREY : Channels.RGB), size)
                        .data());
            } catch (IOException e) {
                rejected.add(folder.relativize(file) + " (" + IoReason.of(e) + ")");
            }
        }
        List<String> notes = new ArrayList<>();
        if (fitted > 0) {
            notes.add(fitted + " of " + images.size() + " images cropped around their middle and resized to " + size);
        }
        if (!rejected.isEmpty()) {
            notes.add(rejected.size() + " files left out: "
                    + String.join(", ", rejected.subList(0, Math.min(NAMED, rejected.size())))
                    + (rejected.size() > NAMED ? " and others" : ""));
        }
        if (images.isEmpty()) {
            throw new UserError("--images " + folder + ": holds no image that can be read; name a folder of pictures");
        }
        return new Samples(rows(images.toArray(byte[][]::new)), null, notes);
    }

    private static Rows rows(byte[][] images) {
        return new PixelRows(new Images.InMemory(images), images[0].length);
    }

    /** The first of them. */
    Samples first(int count) {
        return new Samples(pixels.part(0, count), labels == null ? null : Arrays.copyOf(labels, count), notes);
    }
}
