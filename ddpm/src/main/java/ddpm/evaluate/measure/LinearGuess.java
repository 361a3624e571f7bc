package ddpm.evaluate.measure;

import java.util.Arrays;
import java.util.Optional;

/**
 * How well x_0 can be guessed from {@code x_t = signal x_0 + noise eps} by formulas that have learned nothing but the mean and the
 * covariance C of the images. A guess of the form {@code mean + W (x_t - signal mean)} has the least mean squared error
 *
 * <pre>
 * mean over k of v_k noise^2 / (signal^2 v_k + noise^2)
 * </pre>
 *
 * with the variances of the values for v where W is diagonal, so that each value is guessed from itself alone, and with the eigenvalues
 * of C where W is any matrix.
 *
 * @param variances of the values, -1 .. 1   @param eigenvalues of their covariance; nothing where it was not to be had
 */
public record LinearGuess(double[] variances, Optional<double[]> eigenvalues) {
    /** Values of an image for which eigenvalues take seconds. */
    private static final int LARGEST = 1024;
    /** Images for each value: of fewer, the covariance fits the images it is made of better than others. */
    private static final int EACH = 4;

    private static final double UNIT = 2 / 255.0;

    /** @param images pixels, 0 .. 255, two or more */
    public static LinearGuess of(Rows images) {
        int dim = images.dim();
        if (dim > LARGEST || images.count() < EACH * dim) {
            return new LinearGuess(variances(images), Optional.empty());
        }
        double[][] covariance = Gaussian.of(images).covariance();
        double[] variances = new double[dim];
        for (int k = 0; k < dim; k++) {
            variances[k] = covariance[k][k] * UNIT * UNIT;
        }
        double[] values = Eigenvalues.of(covariance);
        for (int k = 0; k < dim; k++) {
            values[k] = Math.max(0, values[k] * UNIT * UNIT); // rounding puts some below 0
        }
        return new LinearGuess(variances, Optional.of(values));
    }

    private static double[] variances(Rows images) {
        double[] mean = Gaussian.mean(images);
        double[] variances = new double[images.dim()];
        float[] row = new float[images.dim()];
        for (int i = 0; i < images.count(); i++) {
            images.copy(i, row, 0);
            for (int k = 0; k < row.length; k++) {
                variances[k] += Math.pow((row[k] - mean[k]) * UNIT, 2) / (images.count() - 1);
            }
        }
        return variances;
    }

    /** Least error where each value is guessed from itself. */
    public double fromItself(double signal, double noise) {
        return error(variances, signal, noise);
    }

    /** Least error of any linear formula. */
    public Optional<Double> fromAll(double signal, double noise) {
        return eigenvalues.map(values -> error(values, signal, noise));
    }

    private static double error(double[] v, double signal, double noise) {
        double s2 = signal * signal;
        double n2 = noise * noise;
        return Arrays.stream(v).map(x -> x * n2 / (s2 * x + n2)).average().orElseThrow();
    }
}
