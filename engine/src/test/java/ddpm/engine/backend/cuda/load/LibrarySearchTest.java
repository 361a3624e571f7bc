package ddpm.engine.backend.cuda.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of several libraries of one name is taken. */
class LibrarySearchTest {
    private static final String NAME = "libcublas.so.12";

    @TempDir
    Path root;

    private final Map<String, String> env = new LinkedHashMap<>();
    private final List<String> trace = new ArrayList<>();

    private Path library(String folder) throws IOException {
        Path file = root.resolve(folder).resolve(NAME);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }

    private Optional<Path> find(Path cached, String... usual) throws IOException {
        List<String> folders = new ArrayList<>();
        for (String folder : usual) {
            folders.add(root.resolve(folder).toString());
        }
        Path cache = root.resolve("ld.so.cache");
        Files.write(cache, cached == null ? new byte[0] : cacheOf(NAME, cached.toString()));
        return new LibrarySearch(env, LoaderCache.read(cache), folders, trace::add).find(NAME);
    }

    /** The loader's file with an entry for another processor before ours, behind an older table. */
    static byte[] cacheOf(String name, String path) throws IOException {
        byte[] strings = (name + "\0" + path + "\0/other\0").getBytes(StandardCharsets.UTF_8);
        int text = 48 + 2 * 24;
        ByteBuffer b = ByteBuffer.allocate(text).order(ByteOrder.nativeOrder());
        b.put("glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII))
                .putInt(2)
                .putInt(strings.length);
        b.position(48);
        int at = text + name.length() + 1;
        b.putInt(0x0a03).putInt(text).putInt(at + path.length() + 1).putInt(0).putLong(0);
        b.putInt(0x0303).putInt(text).putInt(at).putInt(0).putLong(0);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write("ld.so-1.7.0\0older...".getBytes(StandardCharsets.US_ASCII));
        file.write(b.array());
        file.write(strings);
        return file.toByteArray();
    }

    /** Each place in turn loses its library: the next one's is found. */
    @Test
    void looksFirstWhereTheUserPointsAndLastInTheUsualFolders() throws Exception {
        List<Path> order = List.of(
                library("ddpm"),
                library("home/lib64"),
                library("path/lib64"),
                library("ld"),
                library("cached"),
                library("usual"));
        env.put("LD_LIBRARY_PATH", root.resolve("none") + ":" + root.resolve("ld"));
        env.put("CUDA_PATH", root.resolve("path").toString());
        env.put("CUDA_HOME", root.resolve("home").toString());
        env.put("DDPM_CUDA_PATH", root.resolve("none") + ":" + root.resolve("ddpm"));
        for (Path expected : order) {
            assertEquals(Optional.of(expected), find(order.get(4), "usual"), trace::toString);
            Files.delete(expected);
        }
        trace.clear();
        assertEquals(Optional.empty(), find(order.get(4), "usual"));
        assertEquals(6, trace.size(), trace::toString);
        assertEquals(NAME + ": not in the usual folders", trace.get(5));
    }

    @Test
    void findsWhatPythonInstalledBelowAnEnvironmentItsPackagesOrNvidia() throws Exception {
        Path file = library("venv/lib/python3.12/site-packages/nvidia/cublas/lib");
        for (String pointed : new String[] {
            "venv",
            "venv/lib/python3.12",
            "venv/lib/python3.12/site-packages",
            "venv/lib/python3.12/site-packages/nvidia/cublas",
            "venv/lib/python3.12/site-packages/nvidia/cublas/lib"
        }) {
            env.put("DDPM_CUDA_PATH", root.resolve(pointed).toString());
            assertEquals(Optional.of(file), find(null), pointed);
        }
        env.clear();
        assertEquals(Optional.empty(), find(null), "only if pointed to");
    }

    @Test
    void takesTheNewestOfSeveralInstallationsAndNoStub() throws Exception {
        library("usual/cuda-12.2/lib64");
        Path newest = library("usual/cuda-12.6/lib64");
        library("usual/cuda-12.6/lib64/stubs");
        assertEquals(
                Optional.of(newest), find(null, "usual/cuda-12.6/lib64/stubs", "usual/cuda-*/lib64"), trace::toString);
    }

    @Test
    void anEmptyCutOrUnknownCacheHoldsNothing() throws Exception {
        byte[] whole = cacheOf(NAME, "/x");
        Path file = root.resolve("cache");
        for (byte[] bytes : List.of(
                new byte[0], "something else".getBytes(StandardCharsets.UTF_8), java.util.Arrays.copyOf(whole, 90))) {
            Files.write(file, bytes);
            assertEquals(List.of(), LoaderCache.read(file).find(NAME));
        }
        Files.write(file, whole);
        assertEquals(List.of(Path.of("/x")), LoaderCache.read(file).find(NAME));
        assertEquals(List.of(), LoaderCache.read(root.resolve("none")).find(NAME));
    }
}
