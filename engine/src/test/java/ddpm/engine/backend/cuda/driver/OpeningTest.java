package ddpm.engine.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.cuda.CudaInfo;
import ddpm.engine.backend.cuda.Gpu;
import ddpm.engine.backend.cuda.OpeningProbe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is opened is closed again where opening fails half-way. */
@Tag("cuda")
class OpeningTest {
    @Test
    void closesTheLastFirstAndAllOfThem() {
        List<String> closed = new ArrayList<>();
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> {
            try (Opening opening = new Opening()) {
                opening.opened(() -> closed.add("a"));
                opening.opened(() -> {
                    throw new IllegalArgumentException("b cannot be closed");
                });
                opening.opened(() -> closed.add("c"));
                throw new IllegalStateException("d cannot be opened");
            }
        });
        assertEquals(List.of("c", "a"), closed);
        assertEquals("b cannot be closed", e.getSuppressed()[0].getMessage());
    }

    @Test
    void closesNothingAfterSuccess() {
        try (Opening opening = new Opening()) {
            opening.opened(() -> {
                throw new IllegalStateException("closed");
            });
            opening.succeeded();
        }
    }

    /** cuBLAS's workspace is 32 MiB; before it come context, stream, kernels and pool. */
    @Test
    void aBackendThatRunsOutOfMemoryLeavesTheGpuClosed() throws Exception {
        List<String> said = open("FP32", "CUSIM_MEMORY_MB", "16");
        assertTrue(said.get(0).startsWith("cuda: out of memory asking for 32.0 MiB on "), said::toString);
        assertTrue(said.get(0).contains("MiB free of 16.0 MiB"), said::toString);
        assertEquals("open contexts 0", said.get(1));
    }

    @Test
    void aGpuThatIsTooOldIsNotLeftOpen() throws Exception {
        List<String> said = open("BF16", "CUSIM_CAPABILITY", "75");
        assertTrue(said.get(0).startsWith("cuda: bf16 needs compute capability 8.0 (Ampere), "), said::toString);
        assertEquals("open contexts 0", said.get(1));
        said = open("FP32", "CUSIM_CAPABILITY", "61");
        assertTrue(said.get(0).contains("has compute capability 6.1, at least 7.5"), said::toString);
        assertEquals("open contexts 0", said.get(1));
    }

    @Test
    void aBackendThatOpensClosesAllOfIt() throws Exception {
        assertEquals(List.of("opened cuda", "open contexts 0"), open("FP32", "CUSIM_THREADS", "1"));
    }

    private static List<String> open(String precision, String variable, String value) throws Exception {
        Gpu.device(); // ends the test where there is none
        Assumptions.assumeTrue(CudaInfo.simulated(), "the machine is pretended");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                OpeningProbe.class.getName(),
                precision);
        builder.environment().put(variable, value);
        Process probe = builder.redirectErrorStream(true).start();
        List<String> said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertEquals(0, probe.waitFor(), said::toString);
        return said;
    }
}
