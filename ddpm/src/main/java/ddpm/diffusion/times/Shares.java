package ddpm.diffusion.times;

import ddpm.diffusion.Schedule;
import java.util.function.DoubleUnaryOperator;

/** Tables of distributions of the share t / T. */
final class Shares {
    private Shares() {}

    /** T rows at the middles of T equal parts of the distribution. @param quantile share t / T below which a share of draws is */
    static double[] rows(Schedule schedule, DoubleUnaryOperator quantile) {
        int last = schedule.timesteps() - 1;
        double[] rows = new double[last + 1];
        for (int i = 0; i <= last; i++) {
            double t = quantile.applyAsDouble((i + 0.5) / (last + 1)) * (last + 1) - 1;
            rows[i] = Math.max(0, Math.min(last, schedule.whole() ? Math.rint(t) : t));
        }
        return rows;
    }
}
