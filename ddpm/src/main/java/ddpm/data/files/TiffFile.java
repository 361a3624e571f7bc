package ddpm.data.files;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.imageio.IIOException;
import javax.imageio.ImageReader;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;

/**
 * A TIFF file is whole where the directory, its values and every strip or tile of each page lie in it (TIFF 6.0, sections
 * 2, 3 and 15).
 */
final class TiffFile {
    private static final int ENTRY_BYTES = 12;

    /** Bytes of a value of each type, from BYTE, which is 1, on. */
    private static final int[] TYPE_BYTES = {1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

    private TiffFile() {}

    /** The number of pages of {@code file}. @throws EOFException it is cut short */
    static int pagesOfWhole(byte[] file, ImageReader reader) throws IOException {
        int pages = directories(file);
        for (int page = 0; page < pages; page++) {
            TIFFDirectory directory = TIFFDirectory.createFromMetadata(reader.getImageMetadata(page));
            check(directory, BaselineTIFFTagSet.TAG_STRIP_OFFSETS, BaselineTIFFTagSet.TAG_STRIP_BYTE_COUNTS, file);
            check(directory, BaselineTIFFTagSet.TAG_TILE_OFFSETS, BaselineTIFFTagSet.TAG_TILE_BYTE_COUNTS, file);
        }
        return pages;
    }

    private static int directories(byte[] file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(file).order(file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int pages = 0;
        for (long at = offset(in, 4); at != 0; pages++) {
            if (at + 2 > file.length) {
                throw new EOFException();
            }
            int entries = in.getShort((int) at) & 0xFFFF;
            long end = at + 2 + (long) entries * ENTRY_BYTES;
            if (end + 4 > file.length) {
                throw new EOFException();
            }
            if (pages * (2L + ENTRY_BYTES + 4) > file.length) { // more than fit, so they lead back
                throw new IIOException("damaged: its directories lead in a circle");
            }
            for (int i = 0; i < entries; i++) {
                checkValues(in, (int) at + 2 + i * ENTRY_BYTES);
            }
            at = offset(in, (int) end);
        }
        return pages;
    }

    /** Values of more than four bytes lie elsewhere. */
    private static void checkValues(ByteBuffer in, int entry) throws EOFException {
        int type = in.getShort(entry + 2);
        if (type >= 1 && type <= TYPE_BYTES.length) {
            long bytes = offset(in, entry + 4) * TYPE_BYTES[type - 1];
            if (bytes > 4 && offset(in, entry + 8) + bytes > in.capacity()) {
                throw new EOFException();
            }
        }
    }

    private static long offset(ByteBuffer in, int at) throws EOFException {
        if (at + 4 > in.capacity()) {
            throw new EOFException();
        }
        return in.getInt(at) & 0xFFFFFFFFL;
    }

    private static void check(TIFFDirectory directory, int offsets, int counts, byte[] file) throws EOFException {
        TIFFField from = directory.getTIFFField(offsets);
        TIFFField count = directory.getTIFFField(counts);
        if (from == null || count == null) {
            return;
        }
        for (int i = 0; i < Math.min(from.getCount(), count.getCount()); i++) {
            if (from.getAsLong(i) + count.getAsLong(i) > file.length) {
                throw new EOFException();
            }
        }
    }
}
