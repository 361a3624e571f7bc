package ddpm.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.tensor.Tensor;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine as a module, from a program that is one: on the class path, where all other tests are, descriptors mean nothing. */
class ModulePathTest {
    private static final String PRODUCT =
            """
            package guest;

            import ddpm.engine.backend.Precision;
            import ddpm.engine.backend.cpu.CpuBackend;
            import ddpm.engine.tensor.Scope;
            import ddpm.engine.tensor.Shape;
            import ddpm.engine.tensor.Tensor;

            public class Main {
                public static void main(String[] args) {
                    try (CpuBackend backend = new CpuBackend(Precision.FP32);
                            Scope scope = Scope.on(backend)) {
                        Tensor a = scope.tensor(Shape.of(1, 2), new float[] {3, 4});
                        Tensor b = scope.tensor(Shape.of(2, 1), new float[] {5, 6});
                        System.out.println(Main.class.getModule().getName() + " " + a.matmul(b).toFloats()[0]);
                    }
                }
            }
            """;

    @TempDir
    Path folder;

    /** JCuda stays away: a program that computes on a CPU does not need it. */
    private static String modulePath() throws Exception {
        Path engine = Path.of(
                Tensor.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        return engine
                + File.pathSeparator
                + Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> entry.matches(".*(bytedeco|jackson|jna).*\\.jar"))
                        .collect(Collectors.joining(File.pathSeparator));
    }

    private String compiled(String program) throws Exception {
        Path sources = Files.createDirectories(folder.resolve("src"));
        Path descriptor =
                Files.writeString(sources.resolve("module-info.java"), "module guest { requires ddpm.engine; }");
        Path main = Files.writeString(sources.resolve("Main.java"), program);
        StringWriter said = new StringWriter();
        ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
        PrintWriter to = new PrintWriter(said);
        String classes = folder.resolve("classes").toString();
        String nothing = folder.resolve("nothing").toString(); // else the tests' own class path
        int code = javac.run(
                to, to, "-cp", nothing, "-p", modulePath(), "-d", classes, descriptor.toString(), main.toString());
        return code == 0 ? "" : said.toString();
    }

    @Test
    void aProgramOnTheModulePathComputes() throws Exception {
        assertEquals("", compiled(PRODUCT));

        String path = modulePath() + File.pathSeparator + folder.resolve("classes");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-p",
                        path,
                        "--add-modules",
                        "ALL-MODULE-PATH",
                        "-m",
                        "guest/guest.Main")
                .redirectErrorStream(true)
                .start();
        String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, java.waitFor(), said);
        assertEquals("guest 39.0", said.strip());
    }

    @Test
    void whatIsInsideStaysInside() throws Exception {
        for (String inner : List.of("cpu.team.Workers", "cpu.onednn.DnnlContext", "cuda.driver.CudaDevice")) {
            String name = "ddpm.engine.backend." + inner;
            String said = compiled("package guest; class Main { " + name + " inner; }");
            assertNotEquals("", said, name);
            assertTrue(said.contains("is not visible") && said.contains("does not export it"), said);
        }
    }
}
