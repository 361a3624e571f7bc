package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutlookTest {
    private static final int TOTAL = 1100;
    private static final RunConfig CONFIG = TinyRun.config("quick", "train.batch=8", "train.steps=" + TOTAL);

    @TempDir
    Path folder;

    private static Forecast forecast(double secondsPerStep) {
        return new Forecast(1234, 2_000_000_000, 8, Double.NaN, Double.NaN, TOTAL, 0)
                .withSecondsPerStep(secondsPerStep, CONFIG.sample());
    }

    /** What is said by steps that take {@code first} seconds up to number 50 and {@code later} afterwards. */
    private static List<String> said(Forecast before, double first, double later) {
        List<String> said = new ArrayList<>();
        Outlook outlook = new Outlook(before, CONFIG, TOTAL);
        for (int step = 1; step <= TOTAL; step++) {
            int now = step;
            outlook.after(step, 1, step <= 50 ? first : later).ifPresent(line -> said.add(now + ": " + line));
        }
        return said;
    }

    @Test
    void correctsOnceAndLeavesOutTheFirstSteps() {
        assertEquals(
                List.of("100: time: about 1 min 40 s for 1,000 steps left, by the last 50 steps"),
                said(forecast(0.17), 9, 0.1));
        assertEquals(
                List.of("100: time: about 3 min 20 s for 1,000 steps left, by the last 50 steps"),
                said(forecast(0.1), 0.1, 0.2));
    }

    @Test
    void saysNothingWhereTheForecastHolds() {
        assertEquals(List.of(), said(forecast(0.1), 9, 0.11));
        assertEquals(List.of(), said(forecast(0.1), 9, 0.09));
    }

    @Test
    void completesAForecastWithoutTime() {
        assertEquals(List.of("2: time: about 3 min 40 s for 1,100 steps"), said(forecast(Double.NaN), 0.2, 0.2));
    }

    /** Several steps in one call, as on a GPU. */
    @Test
    void countsStepsNotCalls() {
        Outlook outlook = new Outlook(forecast(0.17), CONFIG, TOTAL);
        assertTrue(outlook.after(64, 64, 64).isEmpty());
        assertEquals(
                "time: about 1 min 37 s for 972 steps left, by the last 64 steps",
                outlook.after(128, 64, 6.4).orElseThrow());
    }

    /** The line that a long step's forecast leaves to the second step. */
    @Test
    void aTrainingPrintsIt() throws IOException {
        StringWriter out = new StringWriter();
        RunConfig config = TinyRun.config("quick", "train.batch=8", "train.steps=3");
        try (CpuBackend backend = new CpuBackend(Precision.FP32);
                Trainer trainer = new Trainer(config, backend, TinyRun.glyphs(20));
                RunFolder run = RunFolder.create(folder.resolve("run"), false);
                Display display = Display.of(new PrintWriter(out), false, 0, 3)) {
            Forecast untimed = new Forecast(1234, 2_000_000_000, 8, Double.NaN, Double.NaN, 3, 0);
            new TrainingRun(trainer, run, display, () -> false, null, untimed).run();
        }
        List<String> times =
                out.toString().lines().filter(l -> l.startsWith("time: ")).toList();
        assertEquals(1, times.size(), out.toString());
        assertTrue(times.get(0).matches("time: about .* s for 3 steps"), times.get(0));
    }
}
