package ddpm.picture;

import ddpm.disk.AtomicFile;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Lays images out on one sheet, and writes sheets as PNG. */
public final class ImageGrid {
    /** Between the tiles: apart from both the black and the white that digits are made of. */
    static final int GROUND = 96;

    private static final String FORMAT = "javax_imageio_png_1.0";

    private ImageGrid() {}

    /**
     * A sheet of {@code images}, row by row, on a dark grey ground.
     *
     * @param images  [H,W,C] row-major each, 0..255 as unsigned bytes
     * @param h       pixels   @param w pixels   @param c 1 (a grey sheet) or 3
     * @param columns tiles in a row; fewer where there are fewer images
     * @param pad     pixels of ground around every tile, not zoomed
     * @param zoom    each pixel becomes zoom x zoom
     */
    public static BufferedImage grid(byte[][] images, int h, int w, int c, int columns, int pad, int zoom) {
        if (images.length == 0 || columns < 1 || pad < 0 || zoom < 1 || c != 1 && c != 3) {
            throw new IllegalArgumentException("grid: " + images.length + " images, " + c + " channels, " + columns
                    + " columns, pad " + pad + ", zoom " + zoom
                    + "; needs an image, 1 or 3 channels, columns >= 1, pad >= 0, zoom >= 1");
        }
        int across = Math.min(columns, images.length);
        int down = (images.length + across - 1) / across;
        int tileH = h * zoom + pad;
        int tileW = w * zoom + pad;
        BufferedImage sheet = new BufferedImage(
                across * tileW + pad,
                down * tileH + pad,
                c == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR);
        // the raster, since setRGB and Graphics2D pass grey images through a gamma curve
        WritableRaster raster = sheet.getRaster();
        int[] ground = new int[raster.getWidth() * c];
        Arrays.fill(ground, GROUND);
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.setPixels(0, y, raster.getWidth(), 1, ground);
        }
        int[] row = new int[w * zoom * c];
        for (int i = 0; i < images.length; i++) {
            if (images[i].length != h * w * c) {
                throw new IllegalArgumentException("grid: image " + i + " holds " + images[i].length + " bytes, " + h
                        + "x" + w + "x" + c + " needs " + h * w * c);
            }
            for (int y = 0; y < h * zoom; y++) {
                for (int x = 0; x < row.length; x++) {
                    row[x] = images[i][(y / zoom * w + x / c / zoom) * c + x % c] & 255;
                }
                raster.setPixels(pad + i % across * tileW, pad + i / across * tileH + y, w * zoom, 1, row);
            }
        }
        return sheet;
    }

    /** With the note by which {@link OwnPictures} knows the picture. */
    private static IIOMetadata marked(ImageWriter writer, BufferedImage image) throws IOException {
        IIOMetadata metadata = writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
        IIOMetadataNode root = new IIOMetadataNode(FORMAT);
        IIOMetadataNode text = new IIOMetadataNode("tEXt");
        IIOMetadataNode entry = new IIOMetadataNode("tEXtEntry");
        entry.setAttribute("keyword", OwnPictures.KEYWORD);
        entry.setAttribute("value", OwnPictures.PROGRAM);
        text.appendChild(entry);
        root.appendChild(text);
        metadata.mergeTree(FORMAT, root);
        return metadata;
    }

    /** Writes {@code image} as PNG; a reader never sees half a file. Throws {@link ddpm.DataException} if it cannot. */
    public static void write(Path file, BufferedImage image) {
        AtomicFile.write(file, bytes -> png(image, bytes));
    }

    /** The PNG that {@link #write} writes. */
    public static byte[] png(BufferedImage image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            png(image, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void png(BufferedImage image, OutputStream bytes) throws IOException {
        ImageWriter writer = ImageIO.getImageWriters(ImageTypeSpecifier.createFromRenderedImage(image), "png")
                .next();
        try (var out = new MemoryCacheImageOutputStream(bytes)) { // not ImageIO.write: it would use a cache file
            writer.setOutput(out);
            writer.write(new IIOImage(image, null, marked(writer, image)));
        } catch (RuntimeException e) {
            throw new IOException(e);
        } finally {
            writer.dispose();
        }
    }
}
