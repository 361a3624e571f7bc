package ddpm.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.data.ImageSet;
import ddpm.data.PixelMoments;
import ddpm.diffusion.prediction.EdmPreconditioning;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.prediction.Velocity;
import ddpm.diffusion.prediction.X0;
import ddpm.diffusion.schedule.Edm;
import ddpm.diffusion.schedule.Flow;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.times.LogNormal;
import ddpm.diffusion.times.Uniform;
import ddpm.diffusion.weighting.EdmWeighting;
import ddpm.diffusion.weighting.MinSnr;
import ddpm.diffusion.weighting.Simple;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against least squares over every image and every eps of a small world, in double, straight from what is asked for. */
class LossScaleTest {
    private static final double U = 0x1p-24;
    private static final int HEIGHT = 2;
    private static final int WIDTH = 3;

    /** Twelve images, brighter to the right, so that mirroring changes their mean. */
    private static ImageSet images(int channels) {
        Random random = new Random(5);
        byte[][] images = new byte[12][HEIGHT * WIDTH * channels];
        for (byte[] image : images) {
            for (int k = 0; k < image.length; k++) {
                image[k] = (byte) (60 * (k / channels % WIDTH) + random.nextInt(80));
            }
        }
        return new ImageSet("test", HEIGHT, WIDTH, channels, images, List.of());
    }

    /** All images as the training shows them, -1 .. 1, with their mirror images where it flips. */
    private static double[][] shown(ImageSet set, boolean flip) {
        int count = set.count();
        int c = set.channels();
        double[][] shown = new double[flip ? 2 * count : count][set.length()];
        for (int i = 0; i < shown.length; i++) {
            for (int k = 0; k < set.length(); k++) {
                int x = k / c % WIDTH;
                int from = i < count ? k : k - x * c + (WIDTH - 1 - x) * c;
                shown[i][k] = (set.images()[i % count][from] & 255) / 127.5 - 1;
            }
        }
        return shown;
    }

    /**
     * The least mean of (target - (k x_t + b))^2 over images, values and eps = -1, 1, which have the variance of noise: k is one
     * number, b one for each value. Normal equations, and then the error itself, summed.
     */
    private static double leastSquares(double[][] x0, double s, double n, double c, double d) {
        int values = x0[0].length;
        int cases = 2 * x0.length;
        double[][] x = new double[values][cases];
        double[][] y = new double[values][cases];
        double xy = 0;
        double xx = 0;
        for (int v = 0; v < values; v++) {
            for (int i = 0; i < cases; i++) {
                double eps = i % 2 == 0 ? 1 : -1;
                x[v][i] = s * x0[i / 2][v] + n * eps;
                y[v][i] = c * x0[i / 2][v] + d * eps;
            }
            for (int i = 0; i < cases; i++) {
                xy += (x[v][i] - mean(x[v])) * (y[v][i] - mean(y[v]));
                xx += (x[v][i] - mean(x[v])) * (x[v][i] - mean(x[v]));
            }
        }
        double k = xy / xx;
        double error = 0;
        for (int v = 0; v < values; v++) {
            for (int i = 0; i < cases; i++) {
                double e = y[v][i] - mean(y[v]) - k * (x[v][i] - mean(x[v]));
                error += e * e / cases / values;
            }
        }
        return error;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double v : values) {
            sum += v;
        }
        return sum / values.length;
    }

    private static double nothing(double[][] x0, double c, double d) {
        double sum = 0;
        for (double[] image : x0) {
            for (double v : image) {
                for (double eps : new double[] {-1, 1}) {
                    sum += (c * v + d * eps) * (c * v + d * eps) / (2.0 * x0.length * image.length);
                }
            }
        }
        return sum;
    }

    private record Recipe(Schedule schedule, Prediction prediction, Weighting weighting, TrainingTimes times) {}

    @Test
    void bothAnswersCostWhatLeastSquaresSay() {
        Schedule linear = new Linear(40, 1e-4, 0.3, false).schedule();
        List<Recipe> recipes = List.of(
                new Recipe(linear, new Eps(), new Simple(), new Uniform()),
                new Recipe(linear, new X0(), new MinSnr(5), new Uniform()),
                new Recipe(new Linear(40, 1e-4, 0.3, true).schedule(), new V(), new Simple(), new Uniform()),
                new Recipe(new Flow(40, 1).schedule(), new Velocity(), new Simple(), new Uniform()),
                new Recipe(
                        new Edm(40, 0.002, 80, 7).schedule(),
                        new EdmPreconditioning(0.5),
                        new EdmWeighting(0.5),
                        new LogNormal(-1.2, 1.2)));
        for (Recipe r : recipes) {
            for (int channels : new int[] {1, 3}) {
                for (boolean flip : new boolean[] {false, true}) {
                    ImageSet set = images(channels);
                    TrainingTable table = TrainingTable.of(r.schedule, r.prediction, r.weighting, r.times);
                    PixelMoments m = PixelMoments.of(set, flip);
                    LossScale got = LossScale.of(table, m.square(), m.variance());
                    check(r, table, shown(set, flip), got, r + ", " + channels + " channels, flip " + flip);
                }
            }
        }
    }

    private static void check(Recipe r, TrainingTable table, double[][] x0, LossScale got, String what) {
        double[] times = table.times();
        double[] weights = new double[times.length];
        double sum = 0;
        for (int row = 0; row < times.length; row++) {
            double t = times[row];
            Prediction.Coefficients p = r.prediction.at(r.schedule.signal(t), r.schedule.noise(t));
            weights[row] = r.weighting.of(r.schedule, p, t);
            sum += weights[row];
        }
        double nothing = 0;
        double linear = 0;
        double size = 0; // of the terms whose difference the linear guess's error is
        for (int row = 0; row < times.length; row++) {
            double t = times[row];
            double w = weights[row] / (r.weighting.normalised() ? sum / times.length : 1) / times.length;
            Prediction.Coefficients p = r.prediction.at(r.schedule.signal(t), r.schedule.noise(t));
            double all = nothing(x0, p.c(), p.d());
            nothing += w * all;
            size += w * (p.c() * p.c() + p.d() * p.d());
            linear += w * leastSquares(x0, r.schedule.signal(t), r.schedule.noise(t), p.c(), p.d());
        }
        // the table's five numbers are rounded to float32; squares double that
        assertEquals(nothing, got.nothing(), 8 * U * size, what);
        assertEquals(linear, got.linear(), 8 * U * size, what);
        assertTrue(got.linear() < got.nothing(), what);
    }

    /** The reference's schedule on images of variance 0.25: the mean of a_t v / (a_t v + 1 - a_t). */
    @Test
    void theLineOfEps() {
        Schedule schedule = new Linear(1000, 1e-4, 0.02, false).schedule();
        TrainingTable table = TrainingTable.of(schedule, new Eps(), new Simple(), new Uniform());
        double want = 0;
        double share = 1;
        for (int t = 0; t < 1000; t++) {
            share *= 1 - (1e-4 + (0.02 - 1e-4) * t / 999);
            want += share * 0.25 / (share * 0.25 + 1 - share) / 1000;
        }
        LossScale scale = LossScale.of(table, 0.5, 0.25);
        assertEquals(want, scale.linear(), 8 * U);
        assertEquals(
                String.format(
                        Locale.ROOT,
                        "loss: predicting no noise costs 1.00, the best linear guess %.3g; less takes knowledge of the images",
                        want),
                scale.describe());
        assertTrue(LossScale.of(TrainingTable.of(schedule, new X0(), new Simple(), new Uniform()), 0.5, 0.25)
                .describe()
                .startsWith("loss: predicting a grey image costs 0.500, "));
        assertTrue(LossScale.of(TrainingTable.of(schedule, new V(), new Simple(), new Uniform()), 0.5, 0.25)
                .describe()
                .startsWith("loss: the answer 0 costs "));
    }

    /** Of images that are all alike nothing is to be guessed. */
    @Test
    void oneImageCostsNothing() {
        ImageSet set = new ImageSet("one", 1, 2, 1, new byte[][] {{10, (byte) 200}, {10, (byte) 200}}, List.of());
        PixelMoments m = PixelMoments.of(set, false);
        assertEquals(0, m.variance(), 1e-15);
        Schedule schedule = new Linear(10, 1e-4, 0.02, false).schedule();
        TrainingTable table = TrainingTable.of(schedule, new Eps(), new Simple(), new Uniform());
        assertEquals(0, LossScale.of(table, m.square(), m.variance()).linear(), 1e-12);
    }
}
