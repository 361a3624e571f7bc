package ddpm.diffusion.likelihood;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Variance;
import ddpm.engine.backend.HybridLoss;

/**
 * What each row of a training's table means for the bound, as the loss of a learned variance reads it: {@link BoundStep} in numbers.
 * Since {@code x_0 = a x_t + b target} exactly, the means of posterior and model are apart by their factor of x_0 times {@code b
 * (target - F)}, and nothing else of the step is needed:
 *
 * <pre>
 * range = log beta - log small     error = (factor b)^2 / small     bound = weight / log 2 of each nat
 * </pre>
 */
public final class BoundTable {
    private BoundTable() {}

    /**
     * Row-major, {@link HybridLoss#COLUMNS} to a row.
     *
     * @param times the t of each row, whole
     * @param weights of a bit per dimension at each row in the loss
     */
    public static float[] of(Schedule schedule, Prediction prediction, double[] times, double[] weights) {
        float[] values = new float[times.length * HybridLoss.COLUMNS];
        for (int row = 0; row < times.length; row++) {
            int t = Math.toIntExact(Math.round(times[row]));
            if (t != times[row]) {
                throw new IllegalArgumentException(
                        "bound: row " + row + " has t=" + times[row] + ", needed is a whole t");
            }
            Prediction.Coefficients f = prediction.at(schedule.signal(t), schedule.noise(t));
            BoundStep step = new BoundStep(schedule, prediction, Variance.LEARNED_RANGE, Double.POSITIVE_INFINITY, t);
            double small = step.modelLogVariance(-1);
            double apart = step.posteriorMean(f.b(), 0);
            int from = row * HybridLoss.COLUMNS;
            values[from + HybridLoss.RANGE] = (float) (step.modelLogVariance(1) - small);
            values[from + HybridLoss.ERROR] = (float) (apart * apart * Math.exp(-small));
            values[from + HybridLoss.BOUND] = (float) (weights[row] / Math.log(2));
            values[from + HybridLoss.DECODES] = t == 0 ? 1 : 0;
            values[from + HybridLoss.LOG_SMALL] = (float) small;
            values[from + HybridLoss.IMAGE_X] = (float) (f.a() / f.input());
            values[from + HybridLoss.IMAGE_F] = (float) f.b();
        }
        return values;
    }
}
