package ddpm.data.cache;

import ddpm.DataException;
import ddpm.data.Fingerprint;
import ddpm.data.Images;
import ddpm.data.PixelSource;
import ddpm.data.PixelSum;
import ddpm.data.Pixels;
import ddpm.engine.disk.MappedFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes a {@link CacheFile} image by image, under another name until it is whole. That name is locked meanwhile: what is
 * not locked was left by a process that ended. Images that begin grey and turn to colour are widened where they lie, as
 * those in memory are.
 */
final class CacheWriter implements Consumer<Pixels>, Closeable {
    static final String TEMPORARY = ".tmp";

    private static final int BLOCK = 1 << 16;
    private static final byte[] ZEROS = new byte[BLOCK];

    private final String name;
    private final Path temporary;
    private final FileChannel channel;
    private final boolean blank;
    private final byte[] block = new byte[BLOCK];
    private int filled;
    private long written; // bytes of pixels, without the block
    private Pixels first;
    private int channels;
    private long[] sums = new long[1024];
    private int count;
    private boolean done;

    /**
     * @param name of the set, for errors
     * @param blank whether every pixel is 0 instead, which takes no room on the disk: to estimate with
     */
    CacheWriter(String name, Path temporary, boolean blank) throws IOException {
        this.name = name;
        this.temporary = temporary;
        this.blank = blank;
        this.channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        channel.tryLock();
    }

    /** Bytes of pixels so far. */
    long bytes() {
        return written + filled;
    }

    @Override
    public void accept(Pixels image) {
        if (first == null) {
            first = image;
            channels = image.channels();
        }
        if (image.height() != first.height() || image.width() != first.width()) {
            throw new DataException(name + ": image " + count + " is " + image.height() + "x" + image.width()
                    + ", the first is " + first.height() + "x" + first.width() + "; resize them with --size");
        }
        try {
            if (image.channels() > channels) {
                widen();
            }
            add(channels == 3 ? image.toRgb().data() : image.data());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(byte[] data) throws IOException {
        if (count == sums.length) {
            sums = Arrays.copyOf(sums, count + count / 2);
        }
        sums[count++] = PixelSum.of(data, data.length);
        for (int at = 0; at < data.length; ) {
            int part = Math.min(data.length - at, BLOCK - filled);
            System.arraycopy(data, at, block, filled, part);
            filled += part;
            at += part;
            if (filled == BLOCK) {
                flush();
            }
        }
    }

    /** A block of zeros is not written: the file has a hole there, which reads as zeros and takes no room. */
    private void flush() throws IOException {
        if (!blank && Arrays.mismatch(block, 0, filled, ZEROS, 0, filled) >= 0) {
            write(ByteBuffer.wrap(block, 0, filled), CacheFile.PIXELS_AT + written);
        }
        written += filled;
        filled = 0;
    }

    private void write(ByteBuffer bytes, long at) throws IOException {
        for (long to = at; bytes.hasRemaining(); ) {
            to += channel.write(bytes, to);
        }
    }

    /** Makes the images so far RGB, the last one first: none is overwritten before it is read. */
    private void widen() throws IOException {
        flush();
        int grey = first.height() * first.width();
        setLength(3L * grey * count); // holes behind the last byte read as zeros
        ByteBuffer old = ByteBuffer.allocate(grey);
        for (int i = count - 1; i >= 0 && !blank; i--) {
            old.clear();
            while (old.hasRemaining()) {
                channel.read(old, CacheFile.PIXELS_AT + (long) i * grey + old.position());
            }
            byte[] rgb = new Pixels(first.height(), first.width(), 1, old.array())
                    .toRgb()
                    .data();
            sums[i] = PixelSum.of(rgb, rgb.length);
            write(ByteBuffer.wrap(rgb), CacheFile.PIXELS_AT + 3L * i * grey);
        }
        written = 3L * grey * count;
        channels = 3;
    }

    private void setLength(long pixelBytes) throws IOException {
        long end = CacheFile.PIXELS_AT + pixelBytes;
        if (end > channel.size()) {
            write(ByteBuffer.wrap(new byte[1]), end - 1);
        }
    }

    /** Completes the file and gives it its name. */
    CacheFile.Opened finish(String key, PixelSource.Kept kept, Path file) throws IOException {
        flush();
        String checksum = Fingerprint.checksum(first.height(), first.width(), channels, sums, count);
        CacheFile.Details details = new CacheFile.Details(
                key,
                first.height(),
                first.width(),
                channels,
                count,
                checksum,
                kept.files(),
                kept.rejected(),
                kept.own(),
                kept.remarks());
        byte[] json = CacheFile.toJson(details);
        write(ByteBuffer.wrap(json), CacheFile.PIXELS_AT + written);
        write(CacheFile.header(written, json), 0);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        done = true;
        int length = first.height() * first.width() * channels;
        MappedFile mapped = MappedFile.open(file, CacheFile.PIXELS_AT, written);
        return new CacheFile.Opened(details, new Images.Mapped(mapped, length, Arrays.copyOf(sums, count)));
    }

    /** Deletes the file where it was not completed. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (!done) {
            Files.deleteIfExists(temporary);
        }
    }
}
