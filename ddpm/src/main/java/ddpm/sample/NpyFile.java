package ddpm.sample;

import ddpm.disk.AtomicFile;
import ddpm.picture.Drawn;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Writes .npy files for {@code numpy.load}: the 6 bytes of the magic string, version 1.0, the header's length as
 * little-endian uint16, a Python dictionary padded with spaces and a line break so that the data begin at a multiple of 64
 * bytes, then the data, row-major.
 *
 * <p>Source: numpy.lib.format, format version 1.0.
 */
final class NpyFile {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    private static final int ALIGNMENT = 64;

    private NpyFile() {}

    /** Writes images as float32 [N,H,W,C], values outside -1 .. 1 cut off; a reader never sees half a file. */
    static void write(Path file, Drawn drawn) {
        byte[] header = header(
                drawn.images().length, drawn.size().height(), drawn.size().width(), drawn.channels());
        AtomicFile.write(file, out -> {
            out.write(header);
            for (float[] image : drawn.images()) {
                write(out, image);
            }
        });
    }

    private static byte[] header(int... shape) {
        StringBuilder extents = new StringBuilder();
        for (int extent : shape) {
            extents.append(extents.length() == 0 ? "" : ", ").append(extent);
        }
        String dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + extents + "), }";
        int unpadded = MAGIC.length + Short.BYTES + dictionary.length() + 1;
        String padding = " ".repeat(Math.floorMod(-unpadded, ALIGNMENT));
        byte[] text = (dictionary + padding + "\n").getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(MAGIC.length + Short.BYTES + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putShort((short) text.length)
                .put(text)
                .array();
    }

    private static void write(OutputStream out, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float v : values) {
            bytes.putFloat(Math.max(-1f, Math.min(1f, v)));
        }
        out.write(bytes.array());
    }
}
