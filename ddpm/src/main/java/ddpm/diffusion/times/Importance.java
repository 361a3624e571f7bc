package ddpm.diffusion.times;

import ddpm.config.Problems;
import ddpm.diffusion.LossHistory;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.TrainingTimes;
import java.util.Optional;

/**
 * Those t more often whose losses are large or differ much, with weights that leave the mean of the loss what it is for {@link Uniform}.
 * Nichol &amp; Dhariwal 2021, section 3.3.
 *
 * @param history losses that are remembered of each t
 * @param uniform share of draws that take every t alike
 * @param every so many steps the shares follow the losses
 */
public record Importance(int history, double uniform, int every) implements TrainingTimes {
    /** A share of a row is a multiple of 2^-24 of that of all alike. */
    private static final double LEAST = 1e-5;

    @Override
    public double[] rows(Schedule schedule) {
        return new Uniform().rows(schedule);
    }

    @Override
    public boolean countsEveryT() {
        return true;
    }

    @Override
    public Optional<LossHistory> history(int rows) {
        return Optional.of(new LossHistory(rows, history, uniform, every));
    }

    @Override
    public void check(Problems problems) {
        problems.range(history >= 1 && history <= 1000, "history", history, "from 1 to 1000; 10 in the paper");
        problems.range(uniform >= LEAST && uniform <= 1, "uniform", uniform, "from 1e-5 to 1; 0.001 in the paper");
        problems.range(every >= 1 && every <= 1_000_000, "every", every, "from 1 to 1000000");
    }
}
