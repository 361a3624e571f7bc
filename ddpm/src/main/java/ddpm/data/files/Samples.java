package ddpm.data.files;

import ddpm.data.Pixels;
import ddpm.data.Remark;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Set;
import javax.imageio.IIOException;

/**
 * From the samples that a reader decoded to 8-bit grey or RGB.
 *
 * <p>Samples are taken from the raster as stored: BufferedImage.getRGB would pass grey images through a gamma curve, and
 * the chunks gAMA and iCCP of a PNG are not applied. 16-bit samples are scaled to 8. Alpha is composited on white, the
 * paper that logos and sprites are drawn for. CMYK becomes RGB by R = (255 - C) (255 - K) / 255 and so on, the formula
 * of viewers without colour management: it is the same on every machine.
 */
final class Samples {
    private static final int MAX_BITS = 16;

    private Samples() {}

    /** The image as grey or RGB; what that took is added to {@code remarks}. */
    static Pixels of(BufferedImage image, Set<Remark> remarks) throws IIOException {
        int h = image.getHeight();
        int w = image.getWidth();
        Raster raster = image.getRaster();
        ColorModel model = image.getColorModel();
        check(model, raster);
        int bands = raster.getNumBands();
        boolean palette = model instanceof IndexColorModel;
        boolean alpha = !palette && model.hasAlpha();
        int colours = bands - (alpha ? 1 : 0);
        if (!palette && model.getColorSpace().getType() == ColorSpace.TYPE_CMYK) {
            remarks.add(Remark.CMYK);
            return cmyk(raster, model, colours);
        }
        int channels = palette || colours >= 3 ? 3 : 1;
        byte[] data = new byte[h * w * channels];
        int[] row = new int[w * bands];
        boolean transparent = false;
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
                transparent |= opacity < 255;
                int factor = alpha && model.isAlphaPremultiplied() ? 255 : opacity;
                for (int k = 0; k < channels; k++) {
                    int sample = palette
                            ? argb >> (16 - 8 * k) & 255
                            : to8Bits(row[x * bands + k], model.getComponentSize(k));
                    int value = (sample * factor + 255 * (255 - opacity) + 127) / 255;
                    data[at + k] = (byte) Math.min(255, value);
                }
            }
        }
        if (transparent) {
            remarks.add(Remark.TRANSPARENT);
        }
        if (!palette && model.getComponentSize(0) > 8) {
            remarks.add(Remark.DEEP);
        }
        return new Pixels(h, w, channels, data);
    }

    /** Four bands, 8 bits, as a JPEG stores them: CMYK, or Y, Cb, Cr, K, of which {@code inverted} ones mean 255 - ink. */
    static Pixels ofJpegCmyk(Raster raster, boolean ycck, boolean inverted) {
        int h = raster.getHeight();
        int w = raster.getWidth();
        byte[] data = new byte[3 * h * w];
        int[] row = new int[4 * w];
        for (int y = 0; y < h; y++) {
            raster.getPixels(0, y, w, 1, row);
            for (int x = 0; x < w; x++) {
                if (ycck) {
                    ycckToCmyk(row, 4 * x);
                }
                for (int k = 0; k < 3; k++) {
                    int paper = inverted ? row[4 * x + k] : 255 - row[4 * x + k];
                    int light = inverted ? row[4 * x + 3] : 255 - row[4 * x + 3];
                    data[3 * (y * w + x) + k] = (byte) ((paper * light + 127) / 255);
                }
            }
        }
        return new Pixels(h, w, 3, data);
    }

    /** C = 255 - R and so on, with R, G and B from Y, Cb and Cr as in JFIF (ITU-T T.871, section 7). */
    private static void ycckToCmyk(int[] row, int at) {
        int luma = row[at];
        int cb = row[at + 1] - 128;
        int cr = row[at + 2] - 128;
        row[at] = 255 - clamp(luma + 1.402 * cr);
        row[at + 1] = 255 - clamp(luma - 0.344136 * cb - 0.714136 * cr);
        row[at + 2] = 255 - clamp(luma + 1.772 * cb);
    }

    private static int clamp(double value) {
        return (int) Math.max(0, Math.min(255, Math.round(value)));
    }

    private static Pixels cmyk(Raster raster, ColorModel model, int colours) throws IIOException {
        if (colours != 4 || model.hasAlpha()) {
            throw new IIOException(raster.getNumBands() + " inks a pixel; CMYK of four is read");
        }
        int h = raster.getHeight();
        int w = raster.getWidth();
        byte[] data = new byte[3 * h * w];
        int[] row = new int[4 * w];
        for (int y = 0; y < h; y++) {
            raster.getPixels(0, y, w, 1, row);
            for (int x = 0; x < w; x++) {
                int light = 255 - to8Bits(row[4 * x + 3], model.getComponentSize(3));
                for (int k = 0; k < 3; k++) {
                    int paper = 255 - to8Bits(row[4 * x + k], model.getComponentSize(k));
                    data[3 * (y * w + x) + k] = (byte) ((paper * light + 127) / 255);
                }
            }
        }
        return new Pixels(h, w, 3, data);
    }

    private static void check(ColorModel model, Raster raster) throws IIOException {
        String type =
                switch (raster.getSampleModel().getDataType()) {
                    case DataBuffer.TYPE_FLOAT -> "float32";
                    case DataBuffer.TYPE_DOUBLE -> "float64";
                    case DataBuffer.TYPE_SHORT -> "signed 16-bit";
                    default -> model.getComponentSize(0) > MAX_BITS ? model.getComponentSize(0) + "-bit" : "";
                };
        if (!type.isEmpty()) {
            throw new IIOException(type + " samples; unsigned samples of up to 16 bits are read, convert it to PNG");
        }
        int space = model.getColorSpace().getType();
        if (space != ColorSpace.TYPE_GRAY && space != ColorSpace.TYPE_RGB && space != ColorSpace.TYPE_CMYK) {
            throw new IIOException((space == ColorSpace.TYPE_Lab ? "CIELab" : "unusual")
                    + " colours; grey, RGB and CMYK are read, convert it to PNG");
        }
    }

    private static int to8Bits(int sample, int bits) {
        int max = (1 << bits) - 1;
        return bits == 8 ? sample : (int) ((sample * 255L + max / 2) / max);
    }
}
