package ddpm.bench.report;

import ddpm.picture.ImageGrid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The first images of a .npy file, float32 [N,H,W,C] in [-1,1], as one picture. */
final class SampleGrid {
    private static final int MOST = 256;
    private static final int COLUMNS = 16;
    private static final int PREAMBLE = 10; // magic string, version 1.0, length of the header
    private static final Pattern SHAPE =
            Pattern.compile("'<f4'.*'fortran_order': False.*\\((\\d+), (\\d+), (\\d+), (\\d+)\\)");

    private SampleGrid() {}

    /** @throws IOException where the file is another kind of array, or shorter than it says */
    static void write(Path npy, Path png) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(npy)).order(ByteOrder.LITTLE_ENDIAN);
        int header = file.capacity() < PREAMBLE ? 0 : Short.toUnsignedInt(file.getShort(PREAMBLE - 2));
        int begin = Math.min(PREAMBLE + header, file.capacity());
        Matcher shape = SHAPE.matcher(new String(file.array(), 0, begin, StandardCharsets.ISO_8859_1));
        if (!shape.find()) {
            throw new IOException(npy + ": is not float32 [N,H,W,C] of version 1.0");
        }
        int n = Math.min(MOST, Integer.parseInt(shape.group(1)));
        int h = Integer.parseInt(shape.group(2));
        int w = Integer.parseInt(shape.group(3));
        int c = Integer.parseInt(shape.group(4));
        if (file.capacity() - begin < 4L * n * h * w * c) {
            throw new IOException(npy + ": is shorter than its header says");
        }
        byte[][] images = new byte[n][h * w * c];
        file.position(begin);
        for (byte[] image : images) {
            for (int i = 0; i < image.length; i++) {
                image[i] = (byte) Math.round(127.5f * (1 + Math.max(-1, Math.min(1, file.getFloat()))));
            }
        }
        ImageGrid.write(png, ImageGrid.grid(images, h, w, c, Math.min(COLUMNS, n), 2, 1));
    }
}
