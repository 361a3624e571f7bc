package ddpm.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** oneDNN loaded ahead, each time in a process of its own: a class is loaded once. */
class LoadTest {
    /** @param platform whose libraries are loaded; none is in the jar for one that does not exist */
    private static List<String> probe(String platform) throws IOException, InterruptedException {
        Process p = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dorg.bytedeco.javacpp.platform=" + platform,
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoadProbe.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, p.waitFor(), out);
        return out.lines().toList();
    }

    @Test
    void opensAfterLoadingAhead() throws Exception {
        String here = org.bytedeco.javacpp.Loader.getPlatform();
        assertEquals(List.of("opened cpu", "opened cpu"), probe(here));
    }

    /** Loading ahead fails in silence; each opening says why, not only that a class could not be initialised. */
    @Test
    void everyOpeningSaysWhyItCannotBeLoaded() throws Exception {
        List<String> said = probe("nowhere-x86_64");
        assertEquals(2, said.size(), said.toString());
        assertTrue(
                said.get(0).startsWith("cpu: oneDNN's native library for this platform is not in the jar ("),
                said.get(0));
        assertTrue(said.get(0).contains("nowhere-x86_64"), said.get(0)); // what could not be loaded, in JavaCPP's words
        assertEquals(said.get(0), said.get(1));
    }
}
