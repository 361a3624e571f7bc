package ddpm.engine.backend.cuda.conv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that keeps the algorithms of convolutions between runs. */
class AlgorithmFileTest {
    private static final ConvAlgorithm ONE = new ConvAlgorithm(ConvOperands.FP32, 1, 3);
    private static final ConvAlgorithm TWO = new ConvAlgorithm(ConvOperands.ROUNDED, 0, 1);

    @TempDir
    Path folder;

    private final List<String> lines = new ArrayList<>();
    private Path path;

    @BeforeEach
    void path() {
        path = folder.resolve("new folder").resolve("c.tsv");
    }

    private AlgorithmFile open() {
        return new AlgorithmFile(path, lines::add);
    }

    @Test
    void whatOneRunFoundTheNextOneKnows() {
        AlgorithmFile first = open();
        assertEquals(Optional.empty(), first.get("a b"));
        assertEquals(ONE, first.put("a b", null, ONE));
        assertEquals(TWO, first.put("c", null, TWO));
        assertEquals(Optional.of(ONE), open().get("a b"));
        assertEquals(Optional.of(TWO), open().get("c"));
        assertEquals(Optional.empty(), open().get("a"));
        assertEquals(List.of(), lines);
    }

    @Test
    void theFirstToWriteDecides() {
        AlgorithmFile one = open();
        AlgorithmFile other = open();
        one.get("a");
        other.get("a");
        assertEquals(ONE, one.put("a", null, ONE));
        assertEquals(ONE, other.put("a", null, TWO));
        assertEquals(Optional.of(ONE), open().get("a"));
    }

    @Test
    void aUselessAlgorithmIsReplaced() {
        open().put("a", null, ONE);
        assertEquals(TWO, open().put("a", ONE, TWO));
        assertEquals(TWO, open().put("a", ONE, ONE), "replaced by another process already");
        assertEquals(Optional.of(TWO), open().get("a"));
    }

    /** Any one byte changed or the end cut off: what is read is right or missing, and one line says so. */
    @Test
    void aDamagedFileIsNeverWrong() throws IOException {
        open().put("a", null, ONE);
        open().put("b", null, TWO);
        byte[] good = Files.readAllBytes(path);
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 0x11;
            damaged(bad, i);
            damaged(Arrays.copyOf(good, i), i);
        }
    }

    private void damaged(byte[] bytes, int at) throws IOException {
        Files.write(path, bytes);
        lines.clear();
        AlgorithmFile file = open();
        Optional<ConvAlgorithm> a = file.get("a");
        Optional<ConvAlgorithm> b = file.get("b");
        assertTrue(a.isEmpty() || a.get().equals(ONE), () -> "byte " + at);
        assertTrue(b.isEmpty() || b.get().equals(TWO), () -> "byte " + at);
        assertTrue(lines.size() <= 1, () -> "byte " + at + ": " + lines);
    }

    @Test
    void damageIsRepairedByTheNextSearch() throws IOException {
        open().put("a", null, ONE);
        Files.write(path, "nonsense\tof another program\n\0\0\n".getBytes(StandardCharsets.UTF_8));
        AlgorithmFile file = open();
        assertEquals(Optional.empty(), file.get("a"));
        assertEquals(1, lines.size());
        assertTrue(lines.get(0).contains("2 damaged lines"), lines::toString);
        file.put("a", null, TWO);
        assertEquals(1, lines.size());
        lines.clear();
        assertEquals(Optional.of(TWO), open().get("a"));
        assertEquals(List.of(), lines);
    }

    @Test
    void aFolderThatCannotBeMadeCostsOneLine() throws IOException {
        Files.write(folder.resolve("new folder"), new byte[0]);
        AlgorithmFile file = open();
        assertEquals(ONE, file.put("a", null, ONE));
        assertEquals(TWO, file.put("b", null, TWO));
        assertEquals(Optional.of(ONE), file.get("a"));
        assertEquals(1, lines.size());
        assertTrue(lines.get(0).contains("cannot be written"), lines::toString);
    }
}
