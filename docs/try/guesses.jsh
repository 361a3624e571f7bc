// how well eps can be guessed from x_t, by t: by linear formulas, and by a network where -R-Drun names its folder
import ddpm.config.ImageSize;
import ddpm.data.*;
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.DataSources;
import ddpm.diffusion.*;
import ddpm.diffusion.prediction.*;
import ddpm.diffusion.schedule.*;
import ddpm.diffusion.times.*;
import ddpm.diffusion.weighting.*;
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.nn.*;
import ddpm.engine.ops.*;
import ddpm.engine.tensor.*;
import ddpm.model.*;
import ddpm.picture.ColumnLabels;
import ddpm.picture.ImageGrid;
import ddpm.train.checkpoint.TrainedModels;
import java.nio.file.*;
import java.util.*;
import java.util.zip.GZIPInputStream;
String source = System.getProperty("data", "glyphs");
String run = System.getProperty("run");
var schedule = ScheduleConfig.reference().schedule();
var small = DataSpec.of("glyphs").withCount(2000).withSize(new ImageSize(14, 14));
/** The errors of the best linear guesses of eps. */
class Linear {
    final byte[][] images;
    final Schedule schedule;
    final int d;
    final double[] mean;
    final double[][] c; // becomes tridiagonal, with a on the diagonal and b[i] between a[i] and a[i+1]
    final double[] a;
    final double[] b;
    double variance = 0; // of a pixel around its own mean, over all pixels
    // covariance of the pixels in -1 .. 1, from what lies above the black: most of a digit is black
    void covariance() {
        int[] lit = new int[d];
        double unit = 2 / 255.0;
        for (byte[] image : images) {
            int n = 0;
            for (int i = 0; i < d; i++) {
                if (image[i] != 0) lit[n++] = i;
            }
            for (int i = 0; i < n; i++) {
                double v = (image[lit[i]] & 255) * unit / images.length;
                mean[lit[i]] += v;
                for (int j = 0; j <= i; j++) c[lit[i]][lit[j]] += v * (image[lit[j]] & 255) * unit;
            }
        }
        for (int i = 0; i < d; i++) {
            for (int j = 0; j <= i; j++) c[j][i] = c[i][j] -= mean[i] * mean[j];
        }
    }
    // Householder: c keeps its eigenvalues
    void tridiagonal() {
        for (int k = 0; k < d - 1; k++) {
            a[k] = c[k][k];
            double norm = 0;
            for (int i = k + 1; i < d; i++) norm += c[i][k] * c[i][k];
            norm = Math.sqrt(norm);
            if (norm == 0) continue;
            double[] v = new double[d];
            for (int i = k + 1; i < d; i++) v[i] = c[i][k];
            double first = v[k + 1];
            b[k] = first > 0 ? -norm : norm;
            v[k + 1] -= b[k];
            double half = norm * (norm + Math.abs(first)); // v.v / 2
            double[] p = new double[d];
            double vp = 0;
            for (int i = k + 1; i < d; i++) {
                double s = 0;
                for (int j = k + 1; j < d; j++) s += c[i][j] * v[j];
                p[i] = s / half;
                vp += p[i] * v[i] / (2 * half);
            }
            for (int i = k + 1; i < d; i++) p[i] -= vp * v[i];
            for (int i = k + 1; i < d; i++) {
                for (int j = k + 1; j < d; j++) c[i][j] -= v[i] * p[j] + p[i] * v[j];
            }
        }
        a[d - 1] = c[d - 1][d - 1];
    }
    Linear(byte[][] images, Schedule schedule) {
        this.images = images;
        this.schedule = schedule;
        d = images[0].length;
        mean = new double[d];
        c = new double[d][d];
        a = new double[d];
        b = new double[d];
        covariance();
        for (int i = 0; i < d; i++) {
            variance += c[i][i] / d;
        }
        tridiagonal();
    }
    // error of the best eps = w (x_t - a mean) with one w, and with a matrix: 1 - noise^2 trace((signal^2 C + noise^2)^-1) / d
    double withNumber(int t) {
        double s2 = Math.pow(schedule.signal(t), 2) * variance;
        return s2 / (s2 + Math.pow(schedule.noise(t), 2));
    }
    double withMatrix(int t) {
        double s2 = Math.pow(schedule.signal(t), 2);
        double n2 = Math.pow(schedule.noise(t), 2);
        double[] up = new double[d];
        double[] down = new double[d];
        for (int i = 0; i < d; i++) {
            up[i] = s2 * a[i] + n2 - (i == 0 ? 0 : Math.pow(s2 * b[i - 1], 2) / up[i - 1]);
        }
        double trace = 0;
        for (int i = d - 1; i >= 0; i--) {
            down[i] = s2 * a[i] + n2 - (i == d - 1 ? 0 : Math.pow(s2 * b[i], 2) / down[i + 1]);
            trace += 1 / (up[i] + down[i] - s2 * a[i] - n2);
        }
        return 1 - n2 * trace / d;
    }
}
var linear = new Linear(DataSources.load(source.equals("glyphs") ? small : DataSpec.of(source)).images(), schedule);
String line(int t) {
    return String.format(Locale.ROOT, "%4d  %10.3g  %10.3g", t, linear.withNumber(t), linear.withMatrix(t));
}
int[] shown = {0, 100, 500, 800, 999};
String head = "   t  one number    a matrix";
String foot() {
    double number = 0;
    double matrix = 0;
    for (int t = 0; t < schedule.timesteps(); t++) {
        number += linear.withNumber(t) / schedule.timesteps();
        matrix += linear.withMatrix(t) / schedule.timesteps();
    }
    return String.format(Locale.ROOT, "mean  %10.3g  %10.3g", number, matrix);
}
/** The errors of a network, which -R-Drun names. */
class Network {
    final CpuBackend backend = new CpuBackend(Precision.FP32);
    final int n = 128; // test images
    final int d = 28 * 28;
    final float[] test = new float[n * d];
    final TrainingTable table = TrainingTable.of(schedule, new Eps(), new Simple(), new Uniform());
    Model net;
    Tensor noise(Scope scope, int t) {
        return StandardNormal.draw(scope, Shape.of(n, 28, 28, 1), 7, Streams.TRAINING_NOISE, 0, t);
    }
    Tensor noisy(Scope scope, int t) {
        int[] rows = new int[n];
        Arrays.fill(rows, t);
        Tensor x0 = scope.tensor(Shape.of(n, 28, 28, 1), test);
        return new QSample(table.tensor(scope)).apply(x0, scope.tensor(Shape.of(n), rows), noise(scope, t));
    }
    Tensor guess(Scope scope, int t) {
        float[] times = new float[n];
        Arrays.fill(times, t);
        return net.predict(noisy(scope, t), scope.tensor(Shape.of(n), times), Condition.NONE);
    }
    double error(int t) {
        try (var scope = Scope.on(backend)) {
            return guess(scope, t).mse(noise(scope, t)).item();
        }
    }
    byte grey(double x) {
        return (byte) Math.round((Math.max(-1, Math.min(1, x)) + 1) * 127.5);
    }
    void show() throws Exception {
        var trained = TrainedModels.load(Path.of(run), ddpm.train.checkpoint.WeightsChoice.EMA);
        net = trained.model().create(Parameters.toLoad(backend));
        net.parameters().load(trained.weights());
        Path training = DataSources.whereMnist(DataEnvironment.system()).get();
        try (var in = new GZIPInputStream(Files.newInputStream(training.resolveSibling("t10k-images-idx3-ubyte.gz")))) {
            in.skipNBytes(16);
            for (int i = 0; i < test.length; i++) {
                test[i] = in.read() / 127.5f - 1;
            }
        }
        System.out.println(head + "     network   x_0 from it");
        for (int t : shown) {
            double e = error(t);
            double x0 = e * Math.pow(schedule.noise(t) / schedule.signal(t), 2);
            System.out.println(line(t) + String.format(Locale.ROOT, "  %10.3g  %12.3g", e, x0));
        }
        double sum = 0;
        for (int t = 25; t < 1000; t += 50) {
            sum += error(t) / 20;
        }
        System.out.println(foot() + String.format(Locale.ROOT, "  %10.3g", sum));
        String picture = System.getProperty("picture"); // of four test digits: x_t, and x_0 as the network guesses it
        if (picture != null) {
            byte[][] tiles = new byte[4 * 2 * shown.length][d];
            for (int m = 0; m < shown.length; m++) {
                double signal = schedule.signal(shown[m]);
                double noise = schedule.noise(shown[m]);
                try (var scope = Scope.on(backend)) {
                    float[] xt = noisy(scope, shown[m]).toFloats();
                    float[] eps = guess(scope, shown[m]).toFloats();
                    for (int k = 0; k < 4 * d; k++) {
                        tiles[k / d * 2 * shown.length + m][k % d] = grey(xt[k]);
                        tiles[(k / d * 2 + 1) * shown.length + m][k % d] = grey((xt[k] - noise * eps[k]) / signal);
                    }
                }
            }
            var sheet = ImageGrid.grid(tiles, 28, 28, 1, shown.length, 2, 3);
            var labels = Arrays.stream(shown).mapToObj(t -> "t=" + t).toList();
            ImageGrid.write(Path.of(picture), ColumnLabels.above(sheet, shown.length, labels, 2));
        }
        net.close();
        backend.close();
    }
}
if (run == null) {
    System.out.println(head);
    for (int t : shown) {
        System.out.println(line(t));
    }
    System.out.println(foot());
} else {
    new Network().show();
}
/exit
