package ddpm.sample;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.disk.AtomicFile;
import ddpm.engine.disk.IoReason;
import ddpm.picture.Drawn;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes and reads .npy files for {@code numpy.load}: the 6 bytes of the magic string, version 1.0, the header's length as
 * little-endian uint16, a Python dictionary padded with spaces and a line break so that the data begin at a multiple of 64
 * bytes, then the data, row-major.
 *
 * <p>Source: numpy.lib.format, format version 1.0.
 */
public final class NpyFile {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    private static final int ALIGNMENT = 64;
    private static final Pattern LAYOUT = Pattern.compile("'descr': *'<f([48])'");
    private static final Pattern SHAPE = Pattern.compile("'shape': *\\(([0-9, ]*)\\)");

    private NpyFile() {}

    /** Writes images as float32 [N,H,W,C], values outside -1 .. 1 cut off; a reader never sees half a file. */
    static void write(Path file, Drawn drawn) {
        write(file, drawn, 1);
    }

    /** As the other, with values cut off at plus and minus {@code most}. */
    static void write(Path file, Drawn drawn, float most) {
        byte[] header = header(
                drawn.images().length, drawn.size().height(), drawn.size().width(), drawn.channels());
        AtomicFile.write(file, out -> {
            out.write(header);
            for (float[] image : drawn.images()) {
                write(out, image, most);
            }
        });
    }

    /**
     * Images of a file that {@code numpy.save} wrote: float32 or float64, [N,H,W,C] or one of them [H,W,C], in C order.
     *
     * @throws UserError naming the option, where the file holds something else
     */
    public static float[][] read(String option, Path file, ImageSize size, int channels) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            return images(bytes, size, channels);
        } catch (IOException | BufferUnderflowException e) {
            String reason = e instanceof IOException io ? IoReason.of(io) : "it is cut short";
            throw new UserError(
                    option + " " + file + ": cannot be used (" + reason + "); name a .npy file of float32 [N,"
                            + size.height() + "," + size.width() + "," + channels + "]",
                    e);
        }
    }

    private static float[][] images(ByteBuffer bytes, ImageSize size, int channels) throws IOException {
        byte[] magic = new byte[6];
        bytes.get(magic);
        if (!Arrays.equals(magic, Arrays.copyOf(MAGIC, 6))) {
            throw new IOException("it is no .npy file");
        }
        int major = bytes.get();
        bytes.get(); // the minor version changes nothing
        byte[] text = new byte[major == 1 ? Short.toUnsignedInt(bytes.getShort()) : checked(bytes.getInt(), bytes)];
        bytes.get(text);
        String header = new String(text, StandardCharsets.UTF_8);
        Matcher layout = LAYOUT.matcher(header);
        if (!layout.find() || header.contains("'fortran_order': True")) {
            throw new IOException("its values are not float32 or float64 in C order: " + header.strip());
        }
        Matcher shape = SHAPE.matcher(header);
        String extents = shape.find() ? shape.group(1).replace(" ", "").replaceAll(",$", "") : "";
        String one = size.height() + "," + size.width() + "," + channels;
        boolean single = extents.equals(one);
        if (!single && !extents.matches("[1-9][0-9]{0,8}," + one)) {
            throw new IOException("its shape is [" + extents + "]");
        }
        int count = single ? 1 : Integer.parseInt(extents.substring(0, extents.indexOf(',')));
        boolean wide = layout.group(1).equals("8");
        int length = size.height() * size.width() * channels;
        if ((long) count * length * (wide ? Double.BYTES : Float.BYTES) != bytes.remaining()) {
            throw new IOException("it is cut short, or longer than its header says");
        }
        float[][] images = new float[count][length];
        for (float[] image : images) {
            for (int k = 0; k < length; k++) {
                image[k] = wide ? (float) bytes.getDouble() : bytes.getFloat();
            }
        }
        return images;
    }

    private static int checked(int length, ByteBuffer bytes) throws IOException {
        if (length < 0 || length > bytes.remaining()) {
            throw new IOException("its header is longer than the file");
        }
        return length;
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

    private static void write(OutputStream out, float[] values, float most) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float v : values) {
            bytes.putFloat(Math.max(-most, Math.min(most, v)));
        }
        out.write(bytes.array());
    }
}
