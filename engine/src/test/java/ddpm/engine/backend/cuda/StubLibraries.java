package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/**
 * Libraries with the names, symbols and symbol versions of NVIDIA's, whose functions do nothing: enough to find out whether
 * the loader is content. The symbols are those that JCuda's natives ask for.
 */
public final class StubLibraries {
    private final Path natives; // JCuda's, as they are in the jar
    private final Path folder;

    /** Ends the test as skipped where there is no C compiler. */
    public StubLibraries(Path scratch) throws Exception {
        Assumptions.assumeTrue(runs("cc", "--version") && runs("nm", "--version"), "no C compiler");
        natives = Files.createDirectory(scratch.resolve("natives"));
        folder = Files.createDirectory(scratch.resolve("stubs-of-the-test"));
        for (String name : List.of("JCudaDriver", "JCublas2", "JCudnn")) {
            String file = "lib" + name + "-12.6.0-linux-x86_64.so";
            try (InputStream in = StubLibraries.class.getResourceAsStream("/lib/" + file)) {
                Files.write(natives.resolve(file), in.readAllBytes());
            }
        }
    }

    public Path folder() {
        return folder;
    }

    /** @param version of CUDA, as 12040 @param devices number of GPUs; cuInit finds none where it is 0 */
    public StubLibraries driver(int version, int devices) throws Exception {
        return make(
                "JCudaDriver",
                "libcuda.so.1",
                false,
                "",
                new TreeMap<>(Map.of(
                        "cuDriverGetVersion", "int cuDriverGetVersion(int *v) { *v = " + version + "; return 0; }",
                        "cuInit", "int cuInit(unsigned f) { return " + (devices == 0 ? 100 : 0) + "; }",
                        "cuDeviceGetCount", "int cuDeviceGetCount(int *n) { *n = " + devices + "; return 0; }",
                        "cuDeviceGetName",
                                "int cuDeviceGetName(char *s, int n, int d) { s[0] = 'G'; s[1] = 0; return 0; }",
                        "cuDeviceGetAttribute",
                                "int cuDeviceGetAttribute(int *v, int a, int d) { *v = 7; return 0; }")));
    }

    public StubLibraries cublas(int major) throws Exception {
        return make(
                "JCublas2",
                "libcublas.so." + major,
                true,
                "",
                new TreeMap<>(Map.of(
                        "cublasGetVersion_v2",
                        "int cublasGetVersion_v2(void *h, int *v) { *v = " + major * 10_000 + "; return 0; }")));
    }

    /** cuDNN for this CUDA, which finds its part by name only where that is loaded already. */
    public StubLibraries cudnn(int major) throws Exception {
        compile("libcudnn_graph.so.9", "int cudnn_part(void) { return 9; }", "");
        return make(
                "JCudnn",
                "libcudnn.so.9",
                true,
                "#include <dlfcn.h>\n#include <stddef.h>",
                new TreeMap<>(Map.of(
                        "cudnnGetCudartVersion",
                        "size_t cudnnGetCudartVersion(void) { return " + major * 1000 + "; }",
                        "cudnnGetVersion",
                        "size_t cudnnGetVersion(void) {"
                                + " return dlopen(\"libcudnn_graph.so.9\", RTLD_LAZY | RTLD_NOLOAD) ? 90100 : 0; }")));
    }

    private StubLibraries make(
            String needing, String soname, boolean versioned, String head, Map<String, String> functions)
            throws Exception {
        Path script = folder.resolve(soname + ".map");
        for (String symbol : imports(needing, soname.replaceAll("\\d+$", "\\\\d+"))) {
            functions.putIfAbsent(symbol, "int " + symbol + "(void) { return 0; }");
        }
        Files.writeString(
                script,
                soname + " { global: " + String.join("; ", functions.keySet()) + "; local: *; };",
                StandardCharsets.US_ASCII);
        compile(
                soname,
                head + "\n" + String.join("\n", functions.values()),
                versioned ? "-Wl,--version-script=" + script : "-O0");
        return this;
    }

    /** The symbols that one of JCuda's natives wants of a library: by version, for the driver by their beginning. */
    private List<String> imports(String needing, String soname) throws Exception {
        Process nm = new ProcessBuilder(
                        "nm",
                        "-D",
                        "--undefined-only",
                        natives.resolve("lib" + needing + "-12.6.0-linux-x86_64.so")
                                .toString())
                .start();
        String all = new String(nm.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        return all.lines()
                .map(line -> line.replaceAll("^.* ", ""))
                .filter(s -> soname.startsWith("libcuda") ? s.matches("cu[A-Z]\\w*") : s.matches("\\w+@+" + soname))
                .map(s -> s.replaceAll("@.*", ""))
                .collect(Collectors.toList());
    }

    private void compile(String soname, String code, String option) throws Exception {
        Path source = folder.resolve(soname + ".c");
        Files.writeString(source, code);
        Process cc = new ProcessBuilder(
                        "cc",
                        "-w",
                        "-shared",
                        "-fPIC",
                        "-Wl,-soname," + soname,
                        option.isEmpty() ? "-O0" : option,
                        "-o",
                        folder.resolve(soname).toString(),
                        source.toString(),
                        "-ldl")
                .redirectErrorStream(true)
                .start();
        String said = new String(cc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(cc.waitFor(120, TimeUnit.SECONDS), "cc hangs");
        assertEquals(0, cc.exitValue(), said);
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
