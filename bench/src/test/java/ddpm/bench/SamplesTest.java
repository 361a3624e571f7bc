package ddpm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples during which other processes used the cores do not count. */
class SamplesTest {
    private static final double WALL = 2;
    private double seconds;
    private double all;
    private double own;

    /** Two cores. */
    private CoreTime now() {
        return new CoreTime((long) (seconds * 1e9), 2, all, own);
    }

    /** A sample of four steps in which others used this share of both cores. */
    private void sample(Samples samples, double others) {
        samples.begin();
        seconds += WALL;
        own += 0.9 * 2 * WALL;
        all += (0.9 + others) * 2 * WALL;
        samples.end(4);
    }

    @Test
    void countsQuietSamplesOnly() {
        Samples samples = new Samples(2, false, new Turn(null), this::now);
        sample(samples, 0.04);
        sample(samples, 0.06);
        assertEquals(List.of(WALL / 4), samples.seconds());
        assertEquals(1, samples.refused());
        assertEquals(0.04, samples.others(), 1e-9);
        sample(samples, 0);
        assertTrue(samples.complete());
        assertEquals(8, samples.measured());
    }

    @Test
    void givesUp() {
        Samples samples = new Samples(1, false, new Turn(null), this::now);
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> {
            for (int i = 0; i < 5; i++) {
                sample(samples, 0.1);
            }
        });
        assertTrue(e.getMessage().contains("used 10 % of the cores"), e.getMessage());
    }

    @Test
    void takesAllWhenForced() {
        Samples samples = new Samples(1, true, new Turn(null), this::now);
        sample(samples, 0.1);
        assertTrue(samples.complete());
        assertEquals(0.1, samples.others(), 1e-9);
    }

    /** Idle and waiting time is nobody's; what another virtual machine took is others'. */
    @Test
    void readsTheSystemsCounts() {
        CoreTime time = CoreTime.of("cpu  100 20 30 999 888 4 5 60 7 8\ncpu0 1 2\ncpu1 1 2\nintr 5\n");
        assertEquals(2, time.cores());
        assertEquals((100 + 20 + 30 + 4 + 5 + 60) / 100.0, time.all(), 1e-9);
    }

    /** A refused sample is taken again in the same turn. */
    @Test
    void endsTheTurnWithASampleThatCounts(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("turn"));
        Samples samples = new Samples(1, false, new Turn(file), this::now);
        sample(samples, 0.06);
        assertTrue(Files.exists(file));
        sample(samples, 0);
        assertFalse(Files.exists(file));
    }

    @Test
    void waitsForItsTurn(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("turn");
        Thread waiting = new Thread(new Turn(file)::await);
        waiting.start();
        waiting.join(50);
        assertTrue(waiting.isAlive());
        Files.createFile(file);
        waiting.join();
    }
}
