package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.engine.backend.cpu.onednn.CpuInfo;
import ddpm.train.TinyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code train --profile}: what it leaves, what it says, and that the training is the same. */
class ProfileRunTest {
    @TempDir
    Path folder;

    private Ran train(String out, String more) throws IOException {
        Path data = folder.resolve("data");
        if (!Files.exists(data)) {
            TinyRun.idx(data, 20);
        }
        return Ran.of(TinyRun.command(folder.resolve(out), data, "--device cpu --batch 8 " + more));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "bf16"})
    void writesTableAndTraceAndChangesNothing(String precision) throws IOException {
        Assumptions.assumeTrue(precision.equals("fp32") || CpuInfo.hasBf16(), "this CPU has no bf16");
        String more = "--steps 5 --precision " + precision;
        train("plain", more).ok();
        Ran profiled = train("profiled", more + " --profile=3").ok();

        Map<String, String> plain = TinyRun.checkpoint(folder.resolve("plain"), 5);
        assertEquals(plain, TinyRun.checkpoint(folder.resolve("profiled"), 5));

        String table = Files.readString(folder.resolve("profiled/profile.txt"));
        assertTrue(table.startsWith("step 3 on cpu, " + precision + ": "), table);
        assertTrue(profiled.out().contains(table.stripTrailing()), profiled.out());
        JsonNode trace = new ObjectMapper()
                .readTree(folder.resolve("profiled/trace.json").toFile());
        TreeSet<String> names = new TreeSet<>();
        trace.get("traceEvents").forEach(e -> names.add(e.get("name").asText()));
        for (String name : new String[] {"noiseAdd", "conv2d", "groupNormBackward", "attention", "clip", "ema"}) {
            assertTrue(names.contains(name), () -> name + " is missing in " + names);
        }
        assertFalse(Files.exists(folder.resolve("plain/profile.txt")));
    }

    @Test
    void countsFromWhereTheTrainingGoesOn() throws IOException {
        train("run", "--steps 4").ok();
        Ran.of(TinyRun.resume(folder.resolve("run"), "--steps 7 --profile 2")).ok();
        assertTrue(Files.readString(folder.resolve("run/profile.txt")).startsWith("step 6 on cpu"));
    }

    @Test
    void refusesAStepThatWillNotCome() throws IOException {
        Ran late = train("late", "--steps 5 --profile");
        assertEquals(2, late.code());
        assertTrue(
                late.err().contains("--profile=20: the training has only 5 steps to go; name an earlier one"),
                late.err());
        Ran zero = train("zero", "--steps 5 --profile=0");
        assertEquals(2, zero.code());
        assertTrue(zero.err().contains("--profile=0: steps are counted from 1"), zero.err());
    }
}
