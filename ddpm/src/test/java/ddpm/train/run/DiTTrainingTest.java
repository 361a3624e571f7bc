package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.train.TinyRun;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The transformer goes the way of the U-Nets: 16 patches of two heads. */
class DiTTrainingTest extends NetworkTrainingTest {
    DiTTrainingTest() {
        super(
                "dit",
                1e-3,
                new Rounding(128, 20, 60_000),
                "model.patch_size=" + TinyRun.SIDE / 4,
                "model.hidden_size=32",
                "model.depth=2",
                "model.num_heads=2");
    }

    /** A new network says 0 of noise whose squares have the mean 1, and learns from the first step on. */
    @Test
    void learns() throws IOException {
        train("longer", "--device cpu --sample-every 0 --steps 60");
        List<Metrics> log = metrics("longer");
        double deviation = Math.sqrt(2.0 / (BATCH * TinyRun.SIDE * TinyRun.SIDE)); // of the mean of so many squares
        assertEquals(1, log.get(0).loss(), 4 * deviation);
        double last = log.subList(50, 60).stream()
                .mapToDouble(Metrics::loss)
                .average()
                .orElseThrow();
        assertTrue(last < 0.8, "mean loss of the last ten steps " + last);
    }
}
