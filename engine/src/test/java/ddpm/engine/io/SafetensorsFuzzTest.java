package ddpm.engine.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.HostTensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random damage to a valid file: it reads, or it is refused; never another exception, never much memory. */
class SafetensorsFuzzTest {
    private static final int MUTATIONS = 6000;
    /** What the parser and its buffers take for a file of 400 bytes; the lies ask for up to 2^63. */
    private static final long ALLOWED_BYTES = 256 << 10;

    private static final String[] TOKENS = {
        "{", "}", "[", "]", ",", ":", "\"", "-", "0", "9", "99999999999", "1e9", "null", "\\u0000", "F64", "I8", "shape"
    };

    @TempDir
    Path folder;

    @Test
    void damageIsReadOrRefused() throws IOException {
        long seed = Long.getLong("seed", 1);
        SplittableRandom random = new SplittableRandom(seed);
        Path file = folder.resolve("a.safetensors");
        byte[] valid = validFile(file);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        read(file); // classes load once, outside the measurement
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] damaged = valid;
            for (int n = random.nextInt(1, 4); n > 0; n--) damaged = damage(damaged, random);
            Files.delete(file); // ext4 waits for the disk when a file is truncated and rewritten
            Files.write(file, damaged);
            long before = threads.getCurrentThreadAllocatedBytes();
            try {
                if (!read(file)) refused++;
            } catch (IOException | RuntimeException | Error e) {
                throw new AssertionError("seed=" + seed + " mutation=" + i + " " + Arrays.toString(damaged), e);
            }
            long took = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(took < ALLOWED_BYTES, "seed=" + seed + " mutation=" + i + " allocated " + took + " bytes");
        }
        // Most damage hits the header; some hits only values, names or padding and reads.
        assertTrue(refused > MUTATIONS / 2 && refused < MUTATIONS, "seed=" + seed + " refused " + refused);
    }

    private static boolean read(Path file) throws IOException {
        try {
            for (HostTensor tensor : Safetensors.read(file).tensors().values()) {
                if (tensor.dtype().isFloat()) tensor.toDoubles();
                else tensor.toLongs();
            }
            return true;
        } catch (SafetensorsException e) {
            return false;
        }
    }

    private static byte[] validFile(Path file) throws IOException {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        tensors.put("a.weight", HostTensor.f32(new long[] {2, 3}, new float[] {1, 2, 3, 4, 5, 6}));
        tensors.put("t", HostTensor.i64(new long[] {2}, new long[] {1, 2}));
        tensors.put("s", HostTensor.f64(new long[] {}, new double[] {1}));
        tensors.put("h", new HostTensor(DType.BF16, new long[] {1, 3, 1}, ByteBuffer.allocate(6)));
        Safetensors.write(file, tensors, Map.of("format", "pt"));
        return Files.readAllBytes(file);
    }

    private static byte[] damage(byte[] from, SplittableRandom random) {
        if (from.length == 0) return from;
        int at = random.nextInt(from.length);
        byte[] to = from.clone();
        switch (random.nextInt(7)) {
            case 0 -> to[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> to[at] = (byte) random.nextInt(256);
            case 2 -> to[random.nextInt(Math.min(8, to.length))] = (byte) random.nextInt(256);
            case 3 -> to = Arrays.copyOf(from, Math.max(1, at));
            case 4 -> to = splice(from, at, Math.min(from.length, at + random.nextInt(1, 9)), new byte[0]);
            case 5 -> to = splice(from, at, at, Arrays.copyOfRange(from, at, Math.min(from.length, at + 20)));
            default -> {
                byte[] token = TOKENS[random.nextInt(TOKENS.length)].getBytes(StandardCharsets.UTF_8);
                to = splice(from, at, Math.min(from.length, at + random.nextInt(3)), token);
            }
        }
        return to;
    }

    private static byte[] splice(byte[] from, int begin, int end, byte[] with) {
        return ByteBuffer.allocate(from.length - (end - begin) + with.length)
                .put(from, 0, begin)
                .put(with)
                .put(from, end, from.length - end)
                .array();
    }
}
