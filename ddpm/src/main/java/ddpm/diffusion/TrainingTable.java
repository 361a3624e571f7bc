package ddpm.diffusion;

import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/**
 * What a training draws from, one row for each level of noise: the network's time, signal and noise of x_t as the network
 * sees it, the target's share of x_0 and of eps, and the weight of its error. All recipes are such a table; the kernel that
 * reads it knows none of them.
 *
 * @param values row-major, {@link NoiseAdd#COLUMNS} to a row
 * @param times the t of each row
 */
public record TrainingTable(float[] values, double[] times) {
    /** The table of a recipe. */
    public static TrainingTable of(
            Schedule schedule, Prediction prediction, Weighting weighting, TrainingTimes trainingTimes) {
        double[] times = trainingTimes.rows(schedule);
        double[] weights = new double[times.length];
        double sum = 0;
        for (int row = 0; row < times.length; row++) {
            weights[row] = weighting.of(schedule, at(schedule, prediction, times[row]), times[row]);
            sum += weights[row];
        }
        double unit = weighting.normalised() ? sum / times.length : 1;
        float[] values = new float[times.length * NoiseAdd.COLUMNS];
        for (int row = 0; row < times.length; row++) {
            double t = times[row];
            Prediction.Coefficients p = at(schedule, prediction, t);
            int from = row * NoiseAdd.COLUMNS;
            values[from + NoiseAdd.TIME] = (float) schedule.time(t);
            values[from + NoiseAdd.SIGNAL] = (float) (p.input() * schedule.signal(t));
            values[from + NoiseAdd.NOISE] = (float) (p.input() * schedule.noise(t));
            values[from + NoiseAdd.TARGET_X0] = (float) p.c();
            values[from + NoiseAdd.TARGET_EPS] = (float) p.d();
            values[from + NoiseAdd.WEIGHT] = (float) (weights[row] / unit);
        }
        return new TrainingTable(values, times);
    }

    /** The same whose rows have other shares, and whose weights leave the mean of the loss what it is. */
    public TrainingTable with(AliasTable drawn) {
        float[] shared = values.clone();
        double[] corrections = drawn.corrections();
        for (int row = 0; row < rows(); row++) {
            int from = row * NoiseAdd.COLUMNS;
            shared[from + NoiseAdd.WEIGHT] = (float) (values[from + NoiseAdd.WEIGHT] * corrections[row]);
            shared[from + NoiseAdd.ELSEWHERE] = (float) drawn.elsewhere()[row];
            shared[from + NoiseAdd.ALIAS] = drawn.elsewhere()[row] == 0 ? 0 : drawn.alias()[row];
        }
        return new TrainingTable(shared, times);
    }

    private static Prediction.Coefficients at(Schedule schedule, Prediction prediction, double t) {
        return prediction.at(schedule.signal(t), schedule.noise(t));
    }

    /** Rows. */
    public int rows() {
        return times.length;
    }

    /** F32 [rows,{@link NoiseAdd#COLUMNS}]. */
    public Tensor tensor(Scope scope) {
        return scope.tensor(Shape.of(rows(), NoiseAdd.COLUMNS), values);
    }
}
