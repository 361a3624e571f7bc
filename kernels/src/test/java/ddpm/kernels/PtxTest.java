package ddpm.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** The PTX that is checked in belongs to the sources beside it. Surefire runs this in the folder {@code kernels}. */
class PtxTest {
    private static final Path CUDA = Path.of("src/main/cuda");
    private static final Path SHIPPED = Path.of("src/main/resources/ddpm/kernels");
    private static final Path FOR_TESTS = Path.of("src/test/resources/ddpm/kernels");
    private static final Path UNSHIPPED = Path.of("unshipped.txt");
    private static final Pattern KERNEL =
            Pattern.compile("^extern \"C\" __global__ void\\s+(?:__launch_bounds__\\([^)]*\\)\\s*)?(\\w+)\\(");

    private static final Pattern WIDE_LOAD = Pattern.compile("ld\\.global(\\.nc)?\\.v4\\.[fub]32");
    private static final Pattern WIDE_STORE = Pattern.compile("st\\.global\\.v4\\.[fub]32");

    @Test
    void shippedPtxIsOfTheseSources() throws IOException {
        assertFresh(
                SHIPPED.resolve("sources.sha256"),
                Stream.concat(sources(CUDA, ".cu", ".cuh").stream(), Stream.of(UNSHIPPED))
                        .toList());
    }

    @Test
    void ladderPtxIsOfTheseSources() throws IOException {
        List<Path> sources = sources(Path.of("ladder"), ".cu");
        if (!sources.isEmpty()) {
            assertFresh(
                    FOR_TESTS.resolve("ladder.sha256"),
                    Stream.concat(sources.stream(), sources(CUDA, ".cuh").stream())
                            .toList());
        }
    }

    /** A refactoring that loses the alignment or the tensor cores computes the same, many times as slowly. */
    @Test
    void hotKernelsMoveSixteenBytesOrUseTensorCores() throws IOException {
        for (String kernel : List.of(
                "add_f32",
                "silu_forward_bf16",
                "silu_backward_f32",
                "group_norm_forward_f32",
                "adam",
                "add_bias",
                "cast_round_bf16")) {
            assertTrue(WIDE_LOAD.matcher(body("80", kernel)).find(), kernel + " loads 16 bytes");
            assertTrue(WIDE_STORE.matcher(body("80", kernel)).find(), kernel + " stores 16 bytes");
        }
        for (String kernel : written(sources(CUDA, ".cu"))) {
            if (kernel.startsWith("attention_mma_")) {
                assertTrue(body("80", kernel).contains("mma.sync.aligned.m16n8k16"), kernel + " uses tensor cores");
            }
        }
    }

    private static byte[] unpacked(Path file) throws IOException {
        try (var in = new GZIPInputStream(Files.newInputStream(file))) {
            return in.readAllBytes();
        }
    }

    /** The PTX of a kernel, wherever it goes. */
    private static String body(String capability, String kernel) throws IOException {
        Path file = Path.of("ptx-" + capability, kernel + ".ptx");
        Path packed = SHIPPED.resolve(file + ".gz");
        String ptx = Files.exists(packed)
                ? new String(unpacked(packed), StandardCharsets.UTF_8)
                : Files.readString(FOR_TESTS.resolve(file));
        assertEquals(Set.of(kernel), entries(ptx), "in " + file);
        return ptx;
    }

    /** What must have Java's bits is rounded after every operation, as Java rounds. */
    @Test
    void kernelsWithTheBitsOfJavaFuseNothing() throws IOException {
        for (String capability : List.of("75", "80")) {
            List<String> kernels = new ArrayList<>(List.of("normal_fill", "noise_add", "q_sample", "adam", "ema"));
            written(sources(CUDA, ".cu")).stream()
                    .filter(name -> name.startsWith("reverse_"))
                    .forEach(kernels::add);
            for (String kernel : kernels) {
                String body = body(capability, kernel);
                assertTrue(body.contains(".rn.f32"), kernel + " for " + capability + " computes in float");
                assertFalse(body.contains("fma."), kernel + " for " + capability + " fuses");
            }
        }
    }

    @Test
    void holdsEveryKernelInTheOldestPtxThatWillDo() throws IOException {
        for (String capability : List.of("75", "80")) {
            Set<String> wanted = written(sources(CUDA, ".cu"));
            if (capability.equals("75")) {
                wanted.removeIf(name -> name.contains("_mma_")); // bf16 on tensor cores begins with 80
            }
            for (String kernel : wanted) {
                String ptx = body(capability, kernel);
                assertTrue(ptx.startsWith(".version 7.0\n.target sm_" + capability + "\n"), kernel);
            }
            Set<String> unshipped = unshipped();
            unshipped.retainAll(wanted);
            assertEquals(unshipped, files(FOR_TESTS.resolve("ptx-" + capability), ".ptx"));
            wanted.removeAll(unshipped);
            assertEquals(wanted, files(SHIPPED.resolve("ptx-" + capability), ".ptx.gz"));
            assertEquals(
                    List.copyOf(wanted),
                    Files.readAllLines(SHIPPED.resolve("ptx-" + capability).resolve("names.txt")));
        }
    }

    @Test
    void onlyKernelsThatThereAreAreLeftOut() throws IOException {
        Set<String> unshipped = unshipped();
        assertFalse(unshipped.isEmpty());
        unshipped.removeAll(written(sources(CUDA, ".cu")));
        assertEquals(Set.of(), unshipped);
    }

    /** Byte 49 of an ELF header is the middle of its flags: for NVIDIA's, the architecture. */
    @Test
    void everyShippedKernelIsThereCompiledForTheUsualGpus() throws IOException {
        for (int capability : new int[] {75, 80, 90, 100, 120}) {
            Path folder = SHIPPED.resolve("sm_" + capability);
            Set<String> shipped = files(SHIPPED.resolve(capability == 75 ? "ptx-75" : "ptx-80"), ".ptx.gz");
            assertEquals(shipped, files(folder, ".cubin.gz"));
            for (String kernel : shipped) {
                byte[] cubin = unpacked(folder.resolve(kernel + ".cubin.gz"));
                assertEquals("7f454c46", HexFormat.of().formatHex(cubin, 0, 4), kernel);
                assertEquals(capability, cubin[49], kernel + " of " + folder);
                assertTrue(new String(cubin, StandardCharsets.ISO_8859_1).contains(".text." + kernel + "\0"), kernel);
            }
        }
    }

    private static Set<String> unshipped() throws IOException {
        return Files.readAllLines(UNSHIPPED).stream()
                .filter(line -> !line.startsWith("#"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Names of the files in a folder, without their ending. */
    private static Set<String> files(Path folder, String ending) throws IOException {
        return sources(folder, ending).stream()
                .map(f -> f.getFileName().toString())
                .map(name -> name.substring(0, name.length() - ending.length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The table of README.md has each kernel once, beside the file that it is in. */
    @Test
    void everyKernelHasARowInTheTable() throws IOException {
        TreeMap<String, String> rows = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("README.md"))) {
            Matcher row =
                    Pattern.compile("\\| (`[^|]+`) \\| `(\\w+\\.cu)` \\|.*").matcher(line);
            if (row.matches()) {
                for (String name : names(row.group(1))) {
                    assertNull(rows.put(name, row.group(2)), "a second row for " + name);
                }
            }
        }
        TreeMap<String, String> kernels = new TreeMap<>();
        for (Path file : sources(CUDA, ".cu")) {
            written(List.of(file))
                    .forEach(k -> kernels.put(k, file.getFileName().toString()));
        }
        assertEquals(kernels, rows);
    }

    /** {@code `a`, `b_{c,d}`} are a, b_c, b_d. */
    private static List<String> names(String cell) {
        return Pattern.compile("`(\\w+)(?:\\{([\\w,]+)\\})?`")
                .matcher(cell)
                .results()
                .flatMap(m -> m.group(2) == null
                        ? Stream.of(m.group(1))
                        : Stream.of(m.group(2).split(",")).map(end -> m.group(1) + end))
                .toList();
    }

    /** Names after {@code extern "C" __global__ void}. */
    private static Set<String> written(List<Path> files) throws IOException {
        Set<String> names = new TreeSet<>();
        for (Path file : files) {
            Matcher kernel =
                    Pattern.compile(KERNEL.pattern(), Pattern.MULTILINE).matcher(Files.readString(file));
            while (kernel.find()) {
                assertTrue(names.add(kernel.group(1)), file + ": a second kernel named " + kernel.group(1));
            }
        }
        return names;
    }

    private static Set<String> entries(String ptx) {
        return Pattern.compile("\\.visible \\.entry (\\w+)\\(")
                .matcher(ptx)
                .results()
                .map(m -> m.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void assertFresh(Path stamp, List<Path> sources) throws IOException {
        assertFalse(sources.isEmpty(), "no sources for " + stamp);
        TreeMap<String, String> now = new TreeMap<>();
        for (Path source : sources) {
            now.put(source.toString().replace('\\', '/'), hash(source));
        }
        TreeMap<String, String> then = new TreeMap<>();
        for (String line : Files.exists(stamp) ? Files.readAllLines(stamp) : List.<String>of()) {
            String[] words = line.split(" +", 2);
            then.put(words[1], words[0]);
        }
        Set<String> changed = new TreeSet<>(now.keySet());
        changed.addAll(then.keySet());
        changed.removeIf(name -> now.containsKey(name) && now.get(name).equals(then.get(name)));
        assertTrue(
                changed.isEmpty(),
                "the checked-in PTX beside " + stamp + " is not of these sources: " + changed
                        + " changed since; run kernels/build-ptx.sh where nvcc is (CUDA 13) and commit what it writes");
    }

    private static String hash(Path file) throws IOException {
        byte[] text = Files.readString(file).replace("\r", "").getBytes(StandardCharsets.UTF_8);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Path> sources(Path folder, String... endings) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(
                            f -> Stream.of(endings).anyMatch(e -> f.toString().endsWith(e)))
                    .sorted()
                    .toList();
        }
    }
}
