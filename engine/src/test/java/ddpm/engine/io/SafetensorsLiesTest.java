package ddpm.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.tensor.HostTensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files whose header is not true: each is refused with what is wrong, and nothing is allocated for the lie. */
class SafetensorsLiesTest {
    @TempDir
    Path folder;

    /** A header, the bytes of data after it, and what the message must say. */
    record Lie(String json, int dataBytes, String message) {
        @Override
        public String toString() {
            return message;
        }
    }

    private static String tensor(String name, String dtype, String shape, String offsets) {
        return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets
                + "}";
    }

    private static Lie lie(int dataBytes, String message, String... tensors) {
        return new Lie("{" + String.join(",", tensors) + "}", dataBytes, message);
    }

    static List<Lie> lies() {
        String good = tensor("a", "F32", "[2]", "[0,8]");
        return List.of(
                new Lie("", 0, "the header is the end of the text"),
                new Lie("   ", 0, "the header is the end of the text"),
                new Lie("hello", 0, "not JSON"),
                new Lie("[]", 0, "the header is START_ARRAY where START_OBJECT belongs"),
                new Lie("{\"a\":", 0, "not JSON"),
                new Lie("{\"a\":7}", 0, "tensor 'a' is VALUE_NUMBER_INT where START_OBJECT belongs"),
                new Lie("{" + good + "} {}", 8, "text follows the closing brace"),
                new Lie("{" + good + "}x", 8, "not JSON"),
                lie(8, "tensor 'a' stands twice", good, good),
                lie(16, "tensor 'a' stands twice", good, tensor("a", "F32", "[2]", "[8,16]")),
                lie(0, "'__metadata__' stands twice", "\"__metadata__\":{}", "\"__metadata__\":{}"),
                lie(0, "metadata 'k' stands twice", "\"__metadata__\":{\"k\":\"1\",\"k\":\"1\"}"),
                lie(0, "'__metadata__' is VALUE_STRING", "\"__metadata__\":\"text\""),
                lie(0, "metadata 'k' is VALUE_NUMBER_INT", "\"__metadata__\":{\"k\":1}"),
                lie(0, "'a' lacks one of dtype, shape, data_offsets", "\"a\":{}"),
                lie(8, "'a' has the unknown key 'stride'", "\"a\":{\"stride\":[1]}"),
                lie(8, "'a' has 'dtype' twice", "\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}"),
                lie(8, "'a' has 'shape' twice", "\"a\":{\"shape\":[],\"shape\":[]}"),
                lie(8, "'a' has 'data_offsets' twice", "\"a\":{\"data_offsets\":[],\"data_offsets\":[]}"),
                lie(8, "unknown dtype 'F31'; convert it to one of [F64, F32", tensor("a", "F31", "[2]", "[0,8]")),
                lie(8, "unknown dtype 'f32'", tensor("a", "f32", "[2]", "[0,8]")),
                lie(8, "dtype is VALUE_NUMBER_INT", "\"a\":{\"dtype\":4}"),
                lie(8, "shape is START_OBJECT", tensor("a", "F32", "{}", "[0,8]")),
                lie(8, "shape is START_ARRAY", tensor("a", "F32", "[[2]]", "[0,8]")),
                lie(8, "shape is VALUE_NUMBER_FLOAT", tensor("a", "F32", "[2.0]", "[0,8]")),
                lie(8, "shape is VALUE_NULL", tensor("a", "F32", "[null]", "[0,8]")),
                lie(8, "shape holds the negative number -2", tensor("a", "F32", "[-2]", "[0,8]")),
                lie(8, "shape holds the negative number -2", tensor("a", "F32", "[-2,-1]", "[0,8]")),
                lie(8, "which does not fit 63 bits", tensor("a", "F32", "[9223372036854775808]", "[0,8]")),
                lie(8, "is larger than 2^63 bytes", tensor("a", "F32", "[4294967296,4294967296]", "[0,8]")),
                // 2^62 elements fit a long, their bytes are 2^64 = 0 modulo 2^64.
                lie(0, "is larger than 2^63 bytes", tensor("a", "F32", "[4611686018427387904]", "[0,0]")),
                lie(8, "more than 64 numbers", tensor("a", "F32", "[" + "1,".repeat(64) + "2]", "[0,8]")),
                lie(8, "data_offsets [0], not [begin, end]", tensor("a", "F32", "[2]", "[0]")),
                lie(8, "data_offsets [0, 8, 8], not", tensor("a", "F32", "[2]", "[0,8,8]")),
                lie(8, "data_offsets [8, 0], not", tensor("a", "F32", "[2]", "[8,0]")),
                lie(8, "data_offsets holds the negative number -8", tensor("a", "F32", "[2]", "[-8,0]")),
                lie(8, "takes 12 bytes, its data_offsets [0, 8] hold 8", tensor("a", "F32", "[3]", "[0,8]")),
                lie(8, "takes 16 bytes, its data_offsets [0, 8] hold 8", tensor("a", "F64", "[2]", "[0,8]")),
                lie(8, "takes 0 bytes, its data_offsets [0, 8] hold 8", tensor("a", "F32", "[0]", "[0,8]")),
                lie(7, "ends at byte 8 of the data, the file holds 7", good),
                lie(0, "ends at byte 8 of the data, the file holds 0", good),
                lie(
                        8,
                        "ends at byte 4000000000000 of the data, the file holds 8",
                        tensor("a", "U8", "[4000000000000]", "[0,4000000000000]")),
                lie(9, "the header describes 8 bytes of data, the file holds 9", good),
                lie(1, "the header describes 0 bytes of data, the file holds 1"),
                lie(
                        12,
                        "no tensor owns bytes 0 to 4 of the data, before tensor 'a'",
                        tensor("a", "F32", "[2]", "[4,12]")),
                lie(20, "no tensor owns bytes 8 to 12", good, tensor("b", "F32", "[2]", "[12,20]")),
                lie(
                        12,
                        "'b' F32[2] begins at byte 4 and overlaps tensor 'a' F32[2], which ends at 8",
                        good,
                        tensor("b", "F32", "[2]", "[4,12]")),
                lie(8, "'b' F32[2] begins at byte 0 and overlaps tensor 'a'", good, tensor("b", "F32", "[2]", "[0,8]")),
                lie(
                        8,
                        "'b' F32[0] begins at byte 4 and overlaps tensor 'a'",
                        good,
                        tensor("b", "F32", "[0]", "[4,4]")));
    }

    @ParameterizedTest
    @MethodSource("lies")
    void isRefused(Lie lie) throws IOException {
        assertRefused(write(folder, lie.json, lie.dataBytes), lie.message);
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Safetensors.write(file, Map.of("a", HostTensor.f32(new long[] {3}, new float[3])), Map.of("k", "v"));
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertRefused(file, "copy it again");
        }
        Files.write(file, new byte[0]);
        assertRefused(file, "has 0 bytes, the header length alone takes 8");
    }

    @Test
    void headerLengthBeyondTheFileIsRefused() throws IOException {
        for (long length : new long[] {3, 1000, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            Path file = Files.write(folder.resolve("a"), withLength(length, "{}".getBytes(StandardCharsets.UTF_8)));
            assertRefused(file, "says its header has " + Long.toUnsignedString(length) + " bytes, the file holds 2");
        }
    }

    @Test
    void headerAboveTheFormatsLimitIsRefused() throws IOException {
        Path file = Files.write(folder.resolve("a"), withLength(100_000_001, new byte[0]));
        grow(file, 8 + 100_000_001);
        assertRefused(file, "says its header has 100000001 bytes, the format allows 100000000");
    }

    /** A sparse file really as long as it says: refused before memory is taken. */
    @Test
    void tensorAboveOneBufferIsRefused() throws IOException {
        Path file = write(folder, "{" + tensor("a", "U8", "[2147483648]", "[0,2147483648]") + "}", 0);
        grow(file, Files.size(file) + (1L << 31));
        assertRefused(file, "split it into tensors below 2 GiB");
    }

    @Test
    void textThatIsNotUtf8IsRefused() throws IOException {
        byte[] latin1 = "{\"__metadata__\":{\"k\":\"\u00e4\"}}".getBytes(StandardCharsets.ISO_8859_1);
        assertRefused(Files.write(folder.resolve("a"), withLength(latin1.length, latin1)), "not JSON in UTF-8");
        byte[] utf16 = "{}".getBytes(StandardCharsets.UTF_16LE);
        assertRefused(Files.write(folder.resolve("b"), withLength(utf16.length, utf16)), "not JSON in UTF-8");
    }

    private static void assertRefused(Path file, String message) {
        var e = assertThrows(SafetensorsException.class, () -> Safetensors.read(file));
        assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }

    /** A file of that header, its true length before it and zeros after it. */
    static Path write(Path folder, String json, int dataBytes) throws IOException {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = withLength(header.length, Arrays.copyOf(header, header.length + dataBytes));
        return Files.write(folder.resolve("lie.safetensors"), bytes);
    }

    private static byte[] withLength(long length, byte[] rest) {
        return ByteBuffer.allocate(8 + rest.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(rest)
                .array();
    }

    private static void grow(Path file, long bytes) throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
        }
    }
}
