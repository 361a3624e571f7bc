package ddpm.diffusion;

import ddpm.engine.backend.NoiseAdd;
import java.util.Locale;

/**
 * What a loss is to be measured by: the losses of two answers that know nothing of shapes. With x_t = s x_0 + n eps, target =
 * c x_0 + d eps and the weight w of a row of a training's table, a mean m2 of the pixels' squares and their variance v around
 * the mean image,
 *
 * <pre>
 * nothing  mean over rows of w (c^2 m2 + d^2)                               the answer 0, whatever is shown
 * linear   mean over rows of w v (c n - d s)^2 / (s^2 v + n^2)              the best k (x_t - s mean) + c mean, k a number of t
 * </pre>
 *
 * <p>The second is var(target) - cov(target, x_t)^2 / var(x_t), which x_t's scale does not change. For {@code eps} (c = 0, d = 1) the
 * first is 1 and the second s^2 v / (s^2 v + n^2): docs/02-what-the-network-learns.md, "How good is a guess?".
 *
 * @param nothing loss of the answer 0
 * @param linear loss of the best linear guess
 * @param answer what the answer 0 stands for, as part of a sentence
 */
public record LossScale(double nothing, double linear, String answer) {
    /**
     * @param square m2 @param variance v, of pixels in -1 .. 1
     */
    public static LossScale of(TrainingTable table, double square, double variance) {
        double nothing = 0;
        double linear = 0;
        boolean noise = true;
        boolean image = true;
        for (int row = 0; row < table.rows(); row++) {
            int from = row * NoiseAdd.COLUMNS;
            double s = table.values()[from + NoiseAdd.SIGNAL];
            double n = table.values()[from + NoiseAdd.NOISE];
            double c = table.values()[from + NoiseAdd.TARGET_X0];
            double d = table.values()[from + NoiseAdd.TARGET_EPS];
            double weight = table.values()[from + NoiseAdd.WEIGHT];
            double shown = s * s * variance + n * n;
            double unknown = c * n - d * s;
            nothing += weight * (c * c * square + d * d);
            linear += weight * (shown == 0 ? c * c * variance + d * d : variance * unknown * unknown / shown);
            noise &= c == 0;
            image &= d == 0;
        }
        String answer = noise ? "predicting no noise" : image ? "predicting a grey image" : "the answer 0";
        return new LossScale(nothing / table.rows(), linear / table.rows(), answer);
    }

    /** A line for the user. */
    public String describe() {
        return String.format(
                Locale.ROOT,
                "loss: %s costs %.3g, the best linear guess %.3g; less takes knowledge of the images",
                answer,
                nothing,
                linear);
    }
}
