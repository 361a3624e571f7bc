package ddpm.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.times.Importance;
import ddpm.diffusion.times.Uniform;
import ddpm.diffusion.weighting.MinSnr;
import ddpm.diffusion.weighting.Simple;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.TensorException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Shares that follow the losses, and weights that take them out of the mean again. */
class LossHistoryTest {
    private static final int ROWS = 50;

    private static LossHistory history(int kept, int every) {
        return new LossHistory(ROWS, kept, 0.001, every);
    }

    /** Losses of sizes far apart: the largest a thousand times the least. */
    private static double[] losses() {
        Random random = new Random(3);
        double[] losses = new double[ROWS];
        Arrays.setAll(losses, row -> Math.pow(10, 3 * random.nextDouble() - 3));
        return losses;
    }

    private static LossHistory of(double[] losses) {
        LossHistory history = history(2, 1);
        for (int row = 0; row < ROWS; row++) {
            history.add(row, losses[row]);
            history.add(row, losses[row]);
        }
        assertTrue(history.refresh(0));
        return history;
    }

    /**
     * The mean over what a device draws, row by row and alias by alias, of the weight times a loss: the mean over all rows, whatever
     * the losses are that are drawn now.
     */
    @Test
    void theMeanOfTheLossIsThatOfUniformDraws() {
        Schedule schedule = new Linear(ROWS, 1e-3, 0.2, false).schedule();
        for (Weighting weighting : List.of(new Simple(), new MinSnr(5))) {
            TrainingTable table = TrainingTable.of(schedule, new Eps(), weighting, new Uniform());
            TrainingTable drawn = table.with(AliasTable.of(of(losses()).shares()));
            for (long seed = 0; seed < 3; seed++) {
                double[] loss = new Random(seed).doubles(ROWS, 0.1, 2).toArray();
                double want = 0;
                double got = 0;
                for (int row = 0; row < ROWS; row++) {
                    want += entry(table, row, NoiseAdd.WEIGHT) * loss[row] / ROWS;
                    double elsewhere = entry(drawn, row, NoiseAdd.ELSEWHERE);
                    int alias = (int) entry(drawn, row, NoiseAdd.ALIAS);
                    assertEquals(Math.rint(elsewhere * 0x1p24), elsewhere * 0x1p24, "as many bits as are compared");
                    got += (1 - elsewhere) * entry(drawn, row, NoiseAdd.WEIGHT) * loss[row] / ROWS
                            + elsewhere * entry(drawn, alias, NoiseAdd.WEIGHT) * loss[alias] / ROWS;
                }
                assertEquals(want, got, 0x1p-23 * want, weighting.toString());
            }
        }
    }

    private static double entry(TrainingTable table, int row, int column) {
        return table.values()[row * NoiseAdd.COLUMNS + column];
    }

    /** In proportion to the root of the mean square, and a thousandth alike. */
    @Test
    void sharesAreThoseOfThePaper() {
        LossHistory history = history(3, 1);
        double[] roots = new double[ROWS];
        for (int row = 0; row < ROWS; row++) {
            history.add(row, 100); // forgotten
            for (int i = 1; i <= 3; i++) {
                history.add(row, i * (row + 1));
            }
            roots[row] = (row + 1) * Math.sqrt((1 + 4 + 9) / 3.0);
        }
        assertTrue(history.refresh(7));
        double sum = Arrays.stream(roots).sum();
        double[] corrections = AliasTable.of(history.shares()).corrections();
        for (int row = 0; row < ROWS; row++) {
            double want = 0.999 * roots[row] / sum + 0.001 / ROWS;
            assertEquals(want, history.shares()[row], 1e-6 * want, "row " + row);
            assertEquals(1 / (want * ROWS), corrections[row], 1e-5 * corrections[row], "weight of row " + row);
        }
    }

    /** Until the last row has all its losses, and then until the next step at which shares change. */
    @Test
    void allAreAlikeUntilEachHasItsLosses() {
        Schedule schedule = new Linear(ROWS, 1e-3, 0.2, false).schedule();
        TrainingTable table = TrainingTable.of(schedule, new Eps(), new Simple(), new Uniform());
        LossHistory history = history(2, 4);
        for (int row = 0; row < ROWS; row++) {
            history.add(row, row);
            history.add(row, row);
            if (row == ROWS - 2) {
                assertFalse(history.refresh(4));
                assertArrayEquals(
                        table.values(),
                        table.with(AliasTable.of(history.shares())).values());
            }
        }
        assertFalse(history.refresh(5));
        assertEquals(3, history.stepsAlike(5));
        assertEquals(4, history.stepsAlike(8));
        assertTrue(history.refresh(8));
        assertTrue(history.shares()[0] < history.shares()[ROWS - 1]);
    }

    @Test
    void lossesOfZeroLeaveAllAlike() {
        double[] shares = of(new double[ROWS]).shares();
        assertEquals(1.0 / ROWS, shares[3], 1e-15);
    }

    /** Between two changes of the shares: those in use come back, not those that the losses would give. */
    @Test
    void whatIsKeptComesBack() {
        LossHistory history = of(losses());
        history.add(3, 1000);
        LossHistory other = history(2, 1);
        other.load(host(history));
        assertArrayEquals(history.shares(), other.shares());
        assertTrue(history.refresh(1));
        assertTrue(other.refresh(1));
        assertArrayEquals(history.shares(), other.shares());
        var e = assertThrows(TensorException.class, () -> history(3, 1).load(host(history)));
        assertTrue(e.getMessage().contains("other objective.times"), e.getMessage());
        assertThrows(TensorException.class, () -> history(2, 1).load(Map.of()));
    }

    private static Map<String, HostTensor> host(LossHistory history) {
        Map<String, HostTensor> host = new HashMap<>();
        history.sources()
                .forEach((name, source) -> host.put(name, source.values().get()));
        return host;
    }

    @Test
    void rowsAreThoseOfUniform() {
        Schedule schedule = new Linear(ROWS, 1e-3, 0.2, false).schedule();
        assertArrayEquals(new Uniform().rows(schedule), new Importance(10, 0.001, 16).rows(schedule));
    }
}
