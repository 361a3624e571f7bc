package ddpm.data;

import ddpm.config.ImageSize;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes PNG, JPEG, GIF (its first frame) and BMP; the first bytes decide which, not the name.
 *
 * <p>Samples are taken from the raster as stored: BufferedImage.getRGB would pass grey images through a gamma curve.
 * 16-bit samples are scaled to 8. Alpha is composited on white, the paper that logos and sprites are drawn for. The
 * orientation noted in a photo's EXIF data is not applied.
 */
final class ImageDecoder {
    /** Larger images are refused: 100 megapixels take 300 MB and more while they are decoded. */
    static final long MAX_PIXELS = 100_000_000;

    /** Megabytes that all threads together may use for decoding large images, an eighth of the heap. */
    private static final int LARGE_MB = (int) Math.max(1, Runtime.getRuntime().maxMemory() / 8_000_000);

    private static final Semaphore LARGE = new Semaphore(LARGE_MB);

    private ImageDecoder() {}

    /** The image in {@code file}, as grey or RGB. Throws {@link IOException} whose message says what is wrong. */
    static Pixels decode(byte[] file) throws IOException {
        return read(file, reader -> {
            String[] cutShort = {null};
            reader.addIIOReadWarningListener((source, warning) -> {
                // the JPEG reader fills what is missing with grey and only warns; other warnings are harmless
                if (warning.toLowerCase(Locale.ROOT).contains("premature end")) {
                    cutShort[0] = warning;
                }
            });
            BufferedImage image = reader.read(0);
            if (cutShort[0] != null) {
                throw new EOFException();
            }
            return pixels(image);
        });
    }

    /** Height and width from the header alone, without decoding. */
    static Extent extent(byte[] file) throws IOException {
        return read(file, reader -> new Extent(reader.getHeight(0), reader.getWidth(0)));
    }

    /** Height and width as a file has them, without the limits of an {@link ImageSize}. */
    record Extent(int height, int width) {
        @Override
        public String toString() {
            return height + "x" + width;
        }
    }

    private interface Read<T> {
        T from(ImageReader reader) throws IOException;
    }

    private static <T> T read(byte[] file, Read<T> action) throws IOException {
        if (file.length == 0) {
            throw new IIOException("the file is empty");
        }
        ImageReader reader = ImageIO.getImageReadersByFormatName(format(file)).next();
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            reader.setInput(in, false, true);
            long pixels = (long) reader.getHeight(0) * reader.getWidth(0);
            if (pixels > MAX_PIXELS) {
                throw new IIOException(String.format(Locale.ROOT, "%,d pixels, more than 100 million", pixels));
            }
            int megabytes = (int) Math.min(LARGE_MB, pixels * 7 / 1_000_000); // decoded twice, one of them with alpha
            LARGE.acquireUninterruptibly(megabytes);
            try {
                return action.from(reader);
            } finally {
                LARGE.release(megabytes);
            }
        } catch (EOFException e) {
            throw new IIOException("cut short", e);
        } catch (RuntimeException e) { // the readers answer damaged data with any of a dozen of these
            throw new IIOException("damaged: " + e, e);
        } finally {
            reader.dispose();
        }
    }

    private static String format(byte[] file) throws IIOException {
        if (startsWith(file, 0x89, 'P', 'N', 'G')) {
            return "png";
        }
        if (startsWith(file, 0xFF, 0xD8, 0xFF)) {
            return "jpeg";
        }
        if (startsWith(file, 'G', 'I', 'F', '8')) {
            return "gif";
        }
        if (startsWith(file, 'B', 'M')) {
            return "bmp";
        }
        throw new IIOException("its content is not PNG, JPEG, GIF or BMP");
    }

    private static boolean startsWith(byte[] file, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (i >= file.length || (file[i] & 255) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private static Pixels pixels(BufferedImage image) {
        int h = image.getHeight();
        int w = image.getWidth();
        Raster raster = image.getRaster();
        ColorModel model = image.getColorModel();
        int bands = raster.getNumBands();
        boolean palette = model instanceof IndexColorModel;
        boolean alpha = !palette && model.hasAlpha();
        int colours = bands - (alpha ? 1 : 0);
        int channels = palette || colours >= 3 ? 3 : 1;
        byte[] data = new byte[h * w * channels];
        int[] row = new int[w * bands];
        for (int y = 0; y < h; y++) {
            raster.getPixels(0, y, w, 1, row);
            for (int x = 0; x < w; x++) {
                int at = (y * w + x) * channels;
                int opacity = 255;
                int argb = 0;
                if (palette) {
                    argb = model.getRGB(row[x]);
                    opacity = argb >>> 24;
                } else if (alpha) {
                    opacity = to8Bits(row[x * bands + bands - 1], model.getComponentSize(bands - 1));
                }
                for (int k = 0; k < channels; k++) {
                    int sample = palette
                            ? argb >> (16 - 8 * k) & 255
                            : to8Bits(row[x * bands + k], model.getComponentSize(k));
                    data[at + k] = (byte) ((sample * opacity + 255 * (255 - opacity) + 127) / 255);
                }
            }
        }
        return new Pixels(h, w, channels, data);
    }

    private static int to8Bits(int sample, int bits) {
        int max = (1 << bits) - 1;
        return bits == 8 ? sample : (int) ((sample * 255L + max / 2) / max);
    }
}
