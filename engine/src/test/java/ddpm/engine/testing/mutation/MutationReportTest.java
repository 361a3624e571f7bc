package ddpm.engine.testing.mutation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counts as enough evidence. */
class MutationReportTest {
    private static final Mutant SYNC = new Mutant("a.cu", 1, "sync", 7, "__syncthreads();");
    private static final String GUARD = "if (i <= n) {";

    @TempDir
    private Path folder;

    @Test
    void readsWhatMutateWrites() throws IOException {
        Path list = Files.writeString(
                folder.resolve("list"), "a.cu\t1\tsync\t7\t__syncthreads();\nb.cuh\t2\tbound\t9\t    f(a <= b,\tc);\n");
        Mutant second = new Mutant("b.cuh", 2, "bound", 9, "f(a <= b,\tc);");
        assertEquals(List.of(SYNC, second), Mutant.read(list));
        assertEquals("b.cuh:9", second.place());
    }

    /** 19 of 20 are 95 %, 18 are not. */
    @Test
    void fewMayLiveAndEachNeedsAReason() throws IOException {
        Path none = folder.resolve("none");
        Path reasons = Files.writeString(folder.resolve("reasons"), "# why\na.cu\tbound\t" + GUARD + "\tnever equal\n");
        assertTrue(report(20, 0, true, none).good());
        assertFalse(report(20, 1, true, none).good(), "no reason");
        assertTrue(report(20, 1, true, reasons).good());
        assertFalse(report(20, 2, true, reasons).good(), "too many");
        assertFalse(report(20, 0, false, reasons).good(), "a barrier");
    }

    @Test
    void countsByFileAndNamesSurvivors() throws IOException {
        Path reasons = Files.writeString(folder.resolve("reasons"), "a.cu\tbound\t" + GUARD + "\tnever equal\n");
        String text = report(20, 1, true, reasons).text();
        assertTrue(text.contains("| a.cu | 1 of 1 | 19 of 20 |  |\n"), text);
        assertTrue(text.endsWith("## Survivors\n\n* a.cu:2, bound: `" + GUARD + "`: never equal\n"), text);
        assertTrue(report(1, 1, true, folder.resolve("none")).text().endsWith(": NO REASON GIVEN\n"));
    }

    private static MutationReport report(int bounds, int survivors, boolean syncCaught, Path reasons)
            throws IOException {
        List<Mutant> mutants = IntStream.rangeClosed(1, bounds + 1)
                .mapToObj(id -> id == 1 ? SYNC : new Mutant("a.cu", id, "bound", id, GUARD))
                .toList();
        Map<Mutant, String> caught = new HashMap<>();
        for (Mutant mutant : mutants) {
            boolean lives = mutant == SYNC ? !syncCaught : mutant.id() <= 1 + survivors;
            if (!lives) {
                caught.put(mutant, "fast");
            }
        }
        return new MutationReport(mutants, caught, reasons);
    }
}
