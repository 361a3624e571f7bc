package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.train.TinyRun;
import ddpm.train.Trainer;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    /** What is said by steps that take {@code first} seconds up to number 30 and {@code later} afterwards. */
    private static List<String> said(Forecast before, double first, double later) {
        List<String> said = new ArrayList<>();
        Outlook outlook = new Outlook(before, CONFIG, TOTAL);
        for (int step = 1; step <= TOTAL; step++) {
            int now = step;
            outlook.after(step, 1, step <= 30 ? first : later).ifPresent(line -> said.add(now + ": " + line));
        }
        return said;
    }

    @Test
    void correctsAndLeavesOutTheSlowBeginning() {
        assertEquals(
                List.of("173: time: about 48 s for 927 steps left, by the steps so far"),
                said(forecast(0.2), 0.25, 0.0525).subList(0, 1));
        assertEquals(
                List.of("76: time: about 3 min 24 s for 1,024 steps left, by the steps so far"),
                said(forecast(0.1), 0.2, 0.2).subList(0, 1));
    }

    @Test
    void saysNothingWhereTheForecastHolds() {
        assertEquals(List.of(), said(forecast(0.1), 0.4, 0.105));
        assertEquals(List.of(), said(forecast(0.1), 0.4, 0.095));
    }

    @Test
    void completesAForecastWithoutTime() {
        assertEquals(
                List.of("2: time: about 55 min 0 s for 1,100 steps"),
                said(forecast(Double.NaN), 3, 3).subList(0, 1));
        // short steps are waited for: they may become faster
        assertEquals(
                List.of("50: time: about 3 min 40 s for 1,100 steps"),
                said(forecast(Double.NaN), 0.2, 0.2).subList(0, 1));
    }

    /** Several steps in one call, as on a GPU. */
    @Test
    void countsStepsNotCalls() {
        Outlook outlook = new Outlook(forecast(0.17), CONFIG, TOTAL);
        assertTrue(outlook.after(64, 64, 6.4).isEmpty());
        assertTrue(outlook.after(128, 64, 6.4).isEmpty());
        assertEquals(
                "time: about 1 min 30 s for 908 steps left, by the steps so far",
                outlook.after(192, 64, 6.4).orElseThrow());
    }

    /** Previews and checkpoints count with what they took: 1,100 steps of 0.1 s, one save of 5 s every 50. */
    @Test
    void countsPreviewsAndCheckpoints() {
        RunConfig config = TinyRun.config(
                "quick", "train.batch=8", "train.steps=" + TOTAL, "train.save_every=50", "train.sample_every=100");
        Forecast before = new Forecast(1234, 2_000_000_000, 8, 0.1, 0.5, TOTAL, 11);
        Outlook outlook = new Outlook(before, config, TOTAL);
        outlook.saved(5);
        outlook.previewed(12);
        for (int step = 1; step < 150; step++) {
            assertTrue(outlook.after(step, 1, 0.1).isEmpty());
        }
        String said = outlook.after(150, 1, 0.15).orElseThrow();
        assertEquals("time: about 5 min 10 s for 950 steps and 10 previews left, by the steps so far", said);
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
            new TrainingRun(trainer, run, display, () -> false, null, Optional.empty(), untimed, null).run();
        }
        List<String> times =
                out.toString().lines().filter(l -> l.startsWith("time: ")).toList();
        assertEquals(1, times.size(), out.toString());
        assertTrue(times.get(0).matches("time: about .* s for 3 steps"), times.get(0));
    }
}
