package ddpm.data.files;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import ddpm.data.HeapTooSmallException;
import ddpm.data.Pixels;
import ddpm.data.Remark;
import ddpm.disk.ByteCount;
import java.awt.color.CMMException;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes PNG, JPEG, GIF, BMP, WebP and TIFF as viewers show them: the first image where there are several, on its
 * canvas, turned upright, in RGB or grey ({@link Samples}).
 *
 * <p>A file that ends early is never an image, even where its reader would make one of it; what counts as whole is said
 * in {@link JpegFile}, {@link Container} and {@link TiffFile}; a BMP is whole when its last pixel is there. An ICC
 * profile is applied where it is that of an RGB JPEG, and left out elsewhere and where it is broken.
 */
public final class ImageDecoder {
    /** Larger images are refused: 100 megapixels take 300 MB and more while they are decoded. */
    static final long MAX_PIXELS = 100_000_000;

    /** Bytes that a pixel takes while it is decoded: as the reader gives it, with alpha, and as it is kept. */
    private static final int BYTES_PER_PIXEL = 7;

    /** Megabytes that all threads together may use for decoding large images, an eighth of the heap. */
    private static final int LARGE_MB = (int) Math.max(1, Runtime.getRuntime().maxMemory() / 8_000_000);

    private static final WebPImageReaderSpi WEBP = new WebPImageReaderSpi();

    private static final Semaphore LARGE = new Semaphore(LARGE_MB);

    private final byte[] file;
    private final ImageFormat format;
    private final Set<Remark> remarks = EnumSet.noneOf(Remark.class);
    private JpegFile jpeg; // null but for JPEG
    private Container around = Container.PLAIN;
    private boolean endsEarly; // as the reader found

    private ImageDecoder(byte[] file, ImageFormat format) {
        this.file = file;
        this.format = format;
    }

    /** Height and width of an image as it is to be seen, without the limits of an {@link ddpm.config.ImageSize}. */
    public record Extent(int height, int width) {
        @Override
        public String toString() {
            return height + "x" + width;
        }
    }

    /** The image in {@code file}, as grey or RGB. Throws {@link IOException} whose message says what is wrong. */
    public static Decoded decode(byte[] file) throws IOException {
        return decode(file, Long.MAX_VALUE);
    }

    /**
     * As {@link #decode(byte[])}.
     *
     * @param memory bytes that it may take meanwhile
     * @throws HeapTooSmallException it takes more than that
     */
    public static Decoded decode(byte[] file, long memory) throws IOException {
        return run(file, decoder -> decoder.decode(memory));
    }

    /** Height and width from the header alone, without decoding. */
    public static Extent extent(byte[] file) throws IOException {
        return run(file, ImageDecoder::extent);
    }

    private interface Read<T> {
        T by(ImageDecoder decoder) throws IOException;
    }

    private static <T> T run(byte[] file, Read<T> action) throws IOException {
        if (file.length == 0) {
            throw new IIOException("the file is empty");
        }
        byte[] head = Arrays.copyOf(file, Math.min(file.length, ImageFormat.HEAD_BYTES));
        Optional<ImageFormat> format = ImageFormat.of(head);
        if (format.isEmpty()) {
            throw new IIOException(ImageFormat.unsupported(head)
                    .map(name -> name + " is not supported, convert it to PNG")
                    .orElse("its content is not PNG, JPEG, GIF, BMP, WebP or TIFF"));
        }
        try {
            ImageDecoder decoder = new ImageDecoder(file, format.get());
            decoder.look();
            return action.by(decoder);
        } catch (EOFException e) {
            throw new IIOException("cut short", e);
        } catch (RuntimeException e) { // the readers answer damaged data with any of a dozen of these
            throw new IIOException("damaged: " + e, e);
        }
    }

    /** What the readers do not say. */
    private void look() throws IOException {
        switch (format) {
            case JPEG -> jpeg = JpegFile.of(file);
            case PNG -> around = Container.ofPng(file);
            case GIF -> around = Container.ofGif(file);
            case WEBP -> around = Container.ofWebp(file);
            default -> {
                // BMP has nothing around its pixels, and what is around TIFF's is looked at with its reader
            }
        }
    }

    private Extent extent() throws IOException {
        if (jpeg != null) {
            return seen(jpeg.height(), jpeg.width());
        }
        return read(file, reader -> {
            checkWhole(reader);
            return seen(reader.getHeight(0), reader.getWidth(0));
        });
    }

    private Extent seen(int height, int width) {
        if (around.canvas() != null) {
            return new Extent(around.canvas().height(), around.canvas().width());
        }
        return orientation().swapsSides() ? new Extent(width, height) : new Extent(height, width);
    }

    private Orientation orientation() {
        byte[] exif =
                switch (format) {
                    case JPEG -> jpeg.exif();
                    case TIFF -> file;
                    default -> around.exif();
                };
        return exif.length == 0 ? Orientation.UPRIGHT : Orientation.of(exif);
    }

    private Decoded decode(long memory) throws IOException {
        Pixels image = jpeg == null ? read(file, reader -> pixels(reader, memory)) : decodeJpeg(memory);
        if (endsEarly) {
            throw new EOFException();
        }
        if (around.canvas() != null) {
            image = around.canvas().place(image);
        }
        Orientation orientation = orientation();
        if (!orientation.isUpright()) {
            remarks.add(Remark.TURNED);
        }
        if (around.animated()) {
            remarks.add(Remark.FIRST_FRAME);
        }
        return new Decoded(orientation.upright(image), remarks);
    }

    private Pixels decodeJpeg(long memory) throws IOException {
        try {
            return read(jpeg.forReader(true), reader -> pixels(reader, memory));
        } catch (CMMException e) { // the profile looks like one and is not: viewers leave it out
            return read(jpeg.forReader(false), reader -> pixels(reader, memory));
        }
    }

    private interface FromReader<T> {
        T from(ImageReader reader) throws IOException;
    }

    private <T> T read(byte[] content, FromReader<T> action) throws IOException {
        ImageReader reader = reader();
        try (ImageInputStream in = new ByteArrayImageInputStream(content)) {
            reader.setInput(in, false, format != ImageFormat.TIFF);
            return action.from(reader);
        } finally {
            reader.dispose();
        }
    }

    /** Java's own reader, whatever else is registered; for WebP, which Java lacks, that of TwelveMonkeys. */
    private ImageReader reader() throws IOException {
        if (format == ImageFormat.WEBP) {
            return WEBP.createReaderInstance();
        }
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.name());
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (reader.getClass().getModule() == ImageReader.class.getModule()) {
                return reader;
            }
        }
        throw new IIOException("this Java reads no " + format);
    }

    private Pixels pixels(ImageReader reader, long memory) throws IOException {
        checkWhole(reader);
        int h = jpeg == null ? reader.getHeight(0) : jpeg.height();
        int w = jpeg == null ? reader.getWidth(0) : jpeg.width();
        Extent canvas = seen(h, w);
        long pixels = Math.max((long) h * w, (long) canvas.height() * canvas.width());
        if (pixels > MAX_PIXELS) {
            throw new IIOException(String.format(Locale.ROOT, "%,d pixels, more than 100 million", pixels));
        }
        long bytes = pixels * BYTES_PER_PIXEL + 2L * file.length;
        if (bytes > memory) {
            throw new HeapTooSmallException(
                    "an image of " + canvas + " (height x width) takes " + ByteCount.text(bytes)
                            + " while it is decoded, more than the " + ByteCount.text(memory) + " that Java may use",
                    bytes);
        }
        int megabytes = (int) Math.min(LARGE_MB, pixels * BYTES_PER_PIXEL / 1_000_000);
        LARGE.acquireUninterruptibly(megabytes);
        try {
            return samples(reader, h);
        } finally {
            LARGE.release(megabytes);
        }
    }

    private Pixels samples(ImageReader reader, int height) throws IOException {
        if (format == ImageFormat.GIF) {
            RowsRead read = new RowsRead();
            reader.addIIOReadUpdateListener(read);
            BufferedImage image = reader.read(0);
            endsEarly = read.rows() < height;
            return Samples.of(image, remarks);
        }
        if (format == ImageFormat.JPEG) {
            reader.addIIOReadWarningListener((source, warning) -> endsEarly |= saysCutShort(warning));
        }
        if (format == ImageFormat.JPEG && jpeg.isCmyk()) {
            remarks.add(Remark.CMYK);
            return Samples.ofJpegCmyk(reader.readRaster(0, null), jpeg.isYcck(), jpeg.isInverted());
        }
        return Samples.of(reader.read(0), remarks);
    }

    /**
     * The JPEG reader fills what is missing with grey and only warns: of data that end in a block, or (marker 0xd9) at a
     * restart. Its other warnings are harmless where EOI is there; without EOI they say that bits are left over.
     */
    private boolean saysCutShort(String warning) {
        String text = warning.toLowerCase(Locale.ROOT);
        boolean corrupt = text.contains("corrupt jpeg data") || text.contains("extraneous");
        return text.contains("premature end") || text.contains("0xd9 instead of") || jpeg.lacksEnd() && corrupt;
    }

    private void checkWhole(ImageReader reader) throws IOException {
        if (format == ImageFormat.TIFF) {
            if (TiffFile.pagesOfWhole(file, reader) > 1) {
                remarks.add(Remark.FIRST_FRAME);
            }
        }
    }
}
