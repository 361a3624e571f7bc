package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.cli.Main;
import ddpm.testing.Golden;
import ddpm.train.TinyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine without a usable GPU, as a user meets it. Each command is a process of its own, because the CUDA libraries are
 * looked for once per process.
 */
class NoGpuTest {
    @TempDir
    Path folder;

    /** Neither the simulator nor, where there is one, the GPU is found. */
    private Child start(String... args) throws IOException {
        Map<String, String> nothing = Map.of(
                "DDPM_CUDA_PATH", folder.resolve("nowhere").toString(),
                "CUDA_HOME", "",
                "CUDA_PATH", "",
                "LD_LIBRARY_PATH", "",
                "CUDA_VISIBLE_DEVICES", "-1");
        return Child.start(folder, nothing, Main.class, args);
    }

    private String[] train(String more) throws IOException {
        Path data = TinyRun.idx(folder.resolve("data"), 9).getParent();
        return TinyRun.command(folder.resolve("run"), data, "--steps 1 --batch 4 " + more);
    }

    /** The reason: one sentence on the error stream. */
    private String refused(String... args) throws Exception {
        try (Child child = start(args)) {
            assertEquals(1, child.code(), child.out() + child.err());
            assertEquals("", child.out());
            String err = child.err();
            assertEquals(1, err.lines().count(), err);
            assertTrue(err.startsWith("ddpm: cuda: "), err);
            assertTrue(err.contains("--device cpu"), err);
            return err.strip().replaceFirst("^ddpm: cuda: ", "");
        }
    }

    /** cuda fails with the reason; auto says the same in one line, and the training is done, also where no device is named. */
    @Test
    void cudaFailsWithTheReasonAndAutoTakesTheCpu() throws Exception {
        String why = refused(train("--device cuda"));
        assertFalse(Files.exists(folder.resolve("run")), "nothing was begun");
        assertEquals(why, refused("verify", Golden.folder("tiny").toString(), "--device", "cuda"));

        String[] unnamed = train("");
        String[] auto = Stream.concat(Stream.of(unnamed), Stream.of("--device", "auto", "--resume"))
                .toArray(String[]::new);
        for (String[] args : List.of(unnamed, auto)) {
            try (Child child = start(args)) {
                assertEquals(0, child.code(), child.out() + child.err());
                assertEquals("", child.err());
                List<String> lines = child.out()
                        .lines()
                        .filter(line -> line.startsWith("device: ") || line.contains("GPU"))
                        .toList();
                assertEquals(1, lines.size(), child.out());
                String[] parts = lines.get(0).split("; no GPU: ", 2);
                assertTrue(parts[0].matches("device: cpu, (fp32|bf16)"), lines.get(0));
                assertTrue(why.startsWith(parts[1]), parts[1] + " is not " + why);
                assertTrue(parts[1].length() > why.length() / 2, parts[1]);
                assertTrue(child.out().contains("done: 1 steps"), child.out());
            }
        }
    }
}
