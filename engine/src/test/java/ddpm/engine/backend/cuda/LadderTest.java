package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every step of every ladder gives what the reference in double gives, at sizes off every block size. */
@Tag("kernels")
class LadderTest {
    private static LadderDevice gpu;

    @BeforeAll
    static void open() {
        gpu = new LadderDevice(Gpu.device());
    }

    @AfterAll
    static void close() {
        if (gpu != null) {
            gpu.close();
        }
    }

    @Test
    void reduction() {
        for (int n : List.of(1, 2, 5, 255, 4_096, 4_099, 70_001, 1_050_001)) {
            check(new ReductionLadder(gpu, n));
        }
    }

    private static void check(Ladder ladder) {
        try (ladder) {
            for (Ladder.Step step : ladder.steps()) {
                double worst = ladder.result(step).worst(step.roundings());
                assertTrue(worst <= 1, ladder.title() + ", " + step.name() + ": " + worst + " times the error allowed");
            }
        }
    }
}
