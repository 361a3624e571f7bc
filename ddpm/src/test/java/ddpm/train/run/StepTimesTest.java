package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is foretold from the first steps, against all that follow: on machines that are cold, shared, or tire. */
class StepTimesTest {
    private static final int STEPS = 8_800;
    private static final double STEP = 0.065;

    /** Seconds of a step, by its number. */
    enum Machine {
        QUIET(i -> STEP),
        /** Compiles and touches memory in the first 30 steps. */
        COLD(i -> i < 30 ? 5 * STEP : STEP),
        /** Compiles until ever later methods are done. */
        WARMING(i -> STEP * (1 + 6 * Math.exp(-i / 20.0))),
        /** Has two slow cores that steps and the compiler share: as 2,000 steps on processors without AVX-512 were. */
        SLOW_WARMING(i -> 3.4 * STEP * (1 + 2 * Math.exp(-i / 30.0))),
        /** A neighbour takes half of it for 100 of 400 steps. */
        NEIGHBOUR(i -> (i < 30 ? 5 : 1) * (i % 400 >= 200 && i % 400 < 300 ? 2 * STEP : STEP)),
        /** A neighbour who comes and goes by chance, 15 steps at a time. */
        RESTLESS(i -> STEP * (new SplittableRandom(i / 15).nextDouble() < 0.4 ? 2 : 1)),
        /** Stands still for ten seconds once a minute: a disk, another program's start. */
        STUMBLING(i -> i % 900 == 200 ? 10 : STEP),
        /** Becomes warm and a fifth slower by the end. */
        TIRING(i -> (i < 30 ? 5 : 1) * STEP * (1 + 0.2 * i / STEPS));

        private final IntToDoubleFunction seconds;

        Machine(IntToDoubleFunction seconds) {
            this.seconds = seconds;
        }

        double of(int step) {
            return seconds.applyAsDouble(step);
        }
    }

    /** After the first minute within 15 %. */
    @ParameterizedTest
    @EnumSource
    void afterAMinute(Machine machine) {
        StepTimes times = new StepTimes();
        int step = 0;
        while (times.seconds() < 60) {
            times.add(1, machine.of(step++));
        }
        double left = 0;
        for (int i = step; i < STEPS; i++) {
            left += machine.of(i);
        }
        double foretold = times.perStep() * (STEPS - step);
        assertEquals(1, foretold / left, 0.15, machine + ": " + foretold + " s for " + left);
    }

    /** Before the first step, by rehearsals, within 30 %; they take no longer than 15 s. */
    @ParameterizedTest
    @EnumSource
    void beforeTheFirstStep(Machine machine) {
        StepTimes times = new StepTimes();
        int rehearsed = 0;
        do {
            times.add(1, machine.of(rehearsed++));
        } while (!Forecast.enough(times, STEPS, 1));
        assertTrue(times.seconds() < 16, times.seconds() + " s of rehearsals");
        if (!Forecast.tells(times, STEPS)) {
            assertEquals(Machine.SLOW_WARMING, machine);
            bySteps(machine, rehearsed);
            return;
        }
        assertForetold(machine, rehearsed, times);
    }

    /** Where rehearsals do not tell, the steps do, as soon as they settle. */
    private static void bySteps(Machine machine, int rehearsed) {
        StepTimes times = new StepTimes();
        while (!times.settled()) {
            times.add(1, machine.of(rehearsed + (int) times.steps()));
        }
        assertTrue(times.seconds() < 45, times.seconds() + " s until a time is said");
        assertForetold(machine, rehearsed, times);
    }

    /** Within 30 % of what {@code STEPS} after the rehearsals take, which have warmed the machine. */
    private static void assertForetold(Machine machine, int rehearsed, StepTimes times) {
        double all = 0;
        for (int i = 0; i < STEPS; i++) {
            all += machine.of(rehearsed + i);
        }
        double foretold = times.perStep() * STEPS;
        assertEquals(1, foretold / all, 0.3, machine + ": " + foretold + " s for " + all);
    }

    /** A few steps are not worth ten seconds of rehearsals, nor more time than they take themselves. */
    @Test
    void rehearsesAsLongAsTheTrainingIsWorth() {
        assertEquals(0.7, becomingFaster(200).seconds(), 0.1);
        assertEquals(2, becomingFaster(3).steps());
    }

    private static StepTimes becomingFaster(long steps) {
        StepTimes times = new StepTimes();
        int i = 0;
        do {
            times.add(1, 0.2 / ++i); // ever faster
        } while (!Forecast.enough(times, steps, 1));
        assertFalse(times.settled());
        return times;
    }

    @Test
    void ofTwoStepsTheSecondCounts() {
        StepTimes times = new StepTimes();
        times.add(1, 5);
        assertEquals(5, times.perStep());
        times.add(1, 2);
        assertEquals(2, times.perStep());
    }

    @Test
    void stepsAtOnceCountByTheirNumber() {
        StepTimes times = new StepTimes();
        times.add(20, 20 * 0.3);
        times.add(60, 60 * 0.2);
        times.add(20, 20 * 0.25);
        assertEquals(100, times.steps());
        assertEquals((6 + 12 + 5) / 100.0, times.perStep(), 1e-9);
    }

    /** Only what was lately: after ten minutes at half the speed nothing of the time before is left. */
    @Test
    void forgets() {
        StepTimes times = new StepTimes();
        for (int i = 0; i < 2000; i++) {
            times.add(1, i < 1000 ? 0.3 : 0.6);
        }
        assertEquals(0.6, times.perStep(), 1e-9);
    }
}
