package ddpm.train.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** The values of a file that {@code sample --npy} wrote. */
final class NpyValues {
    private static final int HEADER = 128;

    private NpyValues() {}

    static float[] read(Path npy) throws IOException {
        byte[] file = Files.readAllBytes(npy);
        float[] values = new float[(file.length - HEADER) / Float.BYTES];
        ByteBuffer.wrap(file, HEADER, file.length - HEADER)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }
}
