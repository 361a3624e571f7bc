package ddpm.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.HostTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir
    Path folder;

    /** The file of the format's own description, byte by byte. */
    @Test
    void writesTheFormat() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Safetensors.write(file, Map.of("w", HostTensor.f32(new long[] {1, 2}, new float[] {1, -2})), Map.of());
        String json = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}";
        ByteBuffer want = ByteBuffer.allocate(8 + 56 + 8);
        want.put(new byte[] {56, 0, 0, 0, 0, 0, 0, 0});
        want.put(String.format(Locale.ROOT, "%-56s", json).getBytes(StandardCharsets.UTF_8));
        want.put(new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0});
        assertArrayEquals(want.array(), Files.readAllBytes(file));
    }

    @Test
    void readsWhatItWrote() throws IOException {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        tensors.put("z.weight", HostTensor.f32(new long[] {2, 3}, new float[] {1, 2, 3, 4, 5, Float.NaN}));
        tensors.put("a", HostTensor.f64(new long[] {}, new double[] {Math.PI}));
        for (DType dtype : DType.values()) {
            ByteBuffer data = ByteBuffer.allocate(3 * dtype.bytes()).put(0, (byte) 1);
            tensors.put("any/" + dtype, new HostTensor(dtype, new long[] {3, 1}, data));
        }
        tensors.put("empty", HostTensor.i64(new long[] {4, 0}, new long[0]));
        tensors.put("ähnlich \"quoted\" \\ \n \uD83D\uDE00", HostTensor.i64(new long[] {1}, new long[] {-1}));
        Map<String, String> metadata = Map.of("format", "pt", "config", "{\"a\": 1}");
        Path file = folder.resolve("a.safetensors");
        Safetensors.write(file, tensors, metadata);
        Safetensors.Content content = Safetensors.read(file);
        assertEquals(tensors, content.tensors());
        assertEquals(
                new ArrayList<>(tensors.keySet()),
                new ArrayList<>(content.tensors().keySet()));
        assertEquals(metadata, content.metadata());

        Path again = folder.resolve("b.safetensors");
        Safetensors.write(again, content.tensors(), content.metadata());
        assertEquals(-1, Files.mismatch(file, again));
    }

    /** More than one chunk, off its size: 1 MiB and a bit. */
    @Test
    void readsWhatItWroteInChunks() throws IOException {
        float[] values = new float[3 * (1 << 18) + 5];
        for (int i = 0; i < values.length; i++) values[i] = i;
        Map<String, HostTensor> tensors = Map.of("x", HostTensor.f32(new long[] {values.length}, values));
        Path file = folder.resolve("a.safetensors");
        Safetensors.write(file, tensors, Map.of());
        assertEquals(tensors, Safetensors.read(file).tensors());
    }

    /** Aa and BB have one hash code: a HashMap has them in the order they came. */
    @Test
    void metadataInAnyOrderGivesTheSameBytes() throws IOException {
        Map<String, String> one = new LinkedHashMap<>();
        one.put("Aa", "1");
        one.put("BB", "2");
        Map<String, String> other = new LinkedHashMap<>();
        other.put("BB", "2");
        other.put("Aa", "1");
        Safetensors.write(folder.resolve("a"), Map.of(), one);
        Safetensors.write(folder.resolve("b"), Map.of(), other);
        assertEquals(-1, Files.mismatch(folder.resolve("a"), folder.resolve("b")));
    }

    @Test
    void replacesALongerFile() throws IOException {
        Path file = Files.write(folder.resolve("a.safetensors"), new byte[1000]);
        Safetensors.write(file, Map.of(), Map.of());
        assertEquals(Map.of(), Safetensors.read(file).tensors());
    }

    @Test
    void tensorsComeInTheOrderOfTheirData() throws IOException {
        String json = "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        Path file = SafetensorsLiesTest.write(folder, json, 2);
        assertEquals(
                List.of("a", "b"),
                new ArrayList<>(Safetensors.read(file).tensors().keySet()));
    }

    /** A file of torch 1.13 and another writer: the frequencies and the sines and cosines are the formula's. */
    @Test
    void readsTheReferencesFile() throws Exception {
        Path golden = Path.of(getClass()
                .getResource("/ddpm/golden/time_embedding.safetensors")
                .toURI());
        Safetensors.Content content = Safetensors.read(golden);
        assertEquals("public", content.metadata().get("family"));
        long[] t = content.tensors().get("t").toLongs();
        HostTensor tensor = content.tensors().get("emb_128_f64");
        assertArrayEquals(new long[] {t.length, 128}, tensor.shape());
        double[] want = IntStream.range(0, t.length * 128)
                .mapToDouble(i -> {
                    double angle = t[i / 128] / Math.pow(10000, (i % 64) / 64.0);
                    return i % 128 < 64 ? Math.sin(angle) : Math.cos(angle);
                })
                .toArray();
        // Both sides round t * frequency, at most 1000, to doubles: 1000 * 2^-53 each.
        assertArrayEquals(want, tensor.toDoubles(), 4 * 1000 * 0x1p-53);
        assertEquals(tensor.count(), content.tensors().get("emb_128").toFloats().length);

        Path copy = folder.resolve("copy.safetensors");
        Safetensors.write(copy, content.tensors(), content.metadata());
        assertEquals(-1, Files.mismatch(golden, copy), "the reference's writer and ours give the same bytes");
    }

    @Test
    void refusesTheNameOfTheMetadata() {
        Map<String, HostTensor> tensors = Map.of("__metadata__", HostTensor.i64(new long[] {}, new long[1]));
        var e = assertThrows(
                IllegalArgumentException.class, () -> Safetensors.write(folder.resolve("a"), tensors, Map.of()));
        assertTrue(e.getMessage().contains("rename the tensor"), e.getMessage());
    }

    @Test
    void saysWhyAFileCannotBeOpened() {
        Path missing = folder.resolve("missing/a.safetensors");
        assertReads(missing, missing + ": cannot be read: no such file or folder; check the path");
        assertReads(folder, folder + ": this is a folder; name a .safetensors file inside it");
        var e = assertThrows(SafetensorsException.class, () -> Safetensors.write(missing, Map.of(), Map.of()));
        assertTrue(e.getMessage().contains("cannot be written: no such file or folder"), e.getMessage());
    }

    private static void assertReads(Path file, String message) {
        var e = assertThrows(SafetensorsException.class, () -> Safetensors.read(file));
        assertEquals(message, e.getMessage());
    }

    /** Fetched in turn, over one buffer: the same bytes; what is not as announced is no file. */
    @Test
    void streamingIsWriting() throws IOException {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        Map<String, TensorSource> sources = new LinkedHashMap<>();
        ByteBuffer room = ByteBuffer.allocate(40);
        for (int n = 1; n <= 5; n++) {
            byte[] bytes = new byte[8 * n];
            Arrays.fill(bytes, (byte) n);
            HostTensor tensor = new HostTensor(DType.I64, new long[] {n}, ByteBuffer.wrap(bytes));
            tensors.put("t" + n, tensor);
            sources.put("t" + n, new TensorSource(DType.I64, tensor.shape(), () -> {
                room.clear().put(bytes).flip();
                return new HostTensor(DType.I64, tensor.shape(), room);
            }));
        }
        Path file = folder.resolve("written");
        Safetensors.write(file, tensors, Map.of("a", "b"));
        var streamed = new ByteArrayOutputStream();
        Safetensors.stream(Channels.newChannel(streamed), sources, Map.of("a", "b"));
        assertArrayEquals(Files.readAllBytes(file), streamed.toByteArray());

        sources.put("t3", new TensorSource(DType.I32, new long[] {3}, () -> tensors.get("t3")));
        var e = assertThrows(
                IllegalStateException.class,
                () -> Safetensors.stream(Channels.newChannel(streamed), sources, Map.of()));
        assertTrue(e.getMessage().contains("'t3' is I64[3], its header says I32[3]"), e.getMessage());
    }
}
