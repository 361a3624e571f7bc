package ddpm.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.cpu.onednn.CpuInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** oneDNN loaded ahead, each time in a process of its own: a class is loaded once. */
class LoadTest {
    private static final String HERE = org.bytedeco.javacpp.Loader.getPlatform();

    /**
     * @param platform whose libraries are loaded; none is in the jar for one that does not exist
     * @param isa the largest instruction set that oneDNN may use
     */
    private static List<String> probe(String platform, String isa, String... precisions)
            throws IOException, InterruptedException {
        return probe(List.of("-Dorg.bytedeco.javacpp.platform=" + platform), isa, precisions);
    }

    private static List<String> probe(List<String> options, String isa, String... precisions)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoadProbe.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.command().addAll(1, options);
        builder.command().addAll(List.of(precisions));
        builder.environment().put("ONEDNN_MAX_CPU_ISA", isa);
        Process p = builder.start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, p.waitFor(), out);
        return out.lines().toList();
    }

    @Test
    void opensAfterLoadingAhead() throws Exception {
        assertEquals(List.of("opened cpu", "opened cpu"), probe(HERE, "DEFAULT", "FP32", "FP32"));
    }

    @Test
    void bf16NeedsItsInstructions() throws Exception {
        List<String> said = probe(HERE, "AVX2", "FP32", "BF16");
        assertEquals("opened cpu", said.get(0));
        assertTrue(said.get(1).startsWith("cpu: bf16 needs a processor with AVX-512 BF16 or AMX, "), said.get(1));
        assertTrue(said.get(1).endsWith("; compute in fp32"), said.get(1));
    }

    @Test
    void bf16NeedsNoAmx() throws Exception {
        Assumptions.assumeTrue(Set.of("AMX", "AVX-512 BF16").contains(CpuInfo.isa()), "this CPU has no bf16");
        assertEquals(List.of("opened cpu"), probe(HERE, "AVX512_CORE_BF16", "BF16"));
    }

    /** Loading ahead fails in silence; each opening says why, not only that a class could not be initialised. */
    @Test
    void everyOpeningSaysWhyItCannotBeLoaded() throws Exception {
        List<String> said = probe("nowhere-x86_64", "DEFAULT", "FP32", "FP32");
        assertEquals(2, said.size(), said.toString());
        assertTrue(
                said.get(0).startsWith("cpu: oneDNN's native library for this platform is not in the jar ("),
                said.get(0));
        assertTrue(said.get(0).contains("nowhere-x86_64"), said.get(0)); // what could not be loaded, in JavaCPP's words
        assertEquals(said.get(0), said.get(1));
    }

    /** What JNA would unpack there is deleted when the process ends, or not, where it ends while that is loading. */
    @Test
    void nothingIsUnpackedForOneRun(@TempDir Path temporary) throws Exception {
        List<String> options = List.of("-Djna.tmpdir=" + temporary, "-Djava.io.tmpdir=" + temporary);

        assertEquals(List.of("opened cpu"), probe(options, "DEFAULT", "FP32"));
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void aFolderThatCannotHoldLibrariesIsNamedWithTheRemedy(@TempDir Path temporary) throws Exception {
        Path file = Files.writeString(temporary.resolve("file"), "no folder");
        List<String> said = probe(List.of("-Dorg.bytedeco.javacpp.cachedir=" + file), "DEFAULT", "FP32", "FP32");

        assertTrue(said.get(0).startsWith("cpu: native libraries cannot be loaded from " + file + " ("), said.get(0));
        assertTrue(said.get(0).contains("; name another with java -Dorg.bytedeco.javacpp.cachedir="), said.get(0));
        assertEquals(List.of(said.get(0), said.get(0)), said);
    }
}
