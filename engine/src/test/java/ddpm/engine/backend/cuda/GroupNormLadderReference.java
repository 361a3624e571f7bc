package ddpm.engine.backend.cuda;

import ddpm.engine.backend.NormOps.GroupNorm;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Group normalisation in double, straight from the formula, and how large what is added up gets. */
final class GroupNormLadderReference {
    final double[] y;
    final double[] mean;
    final double[] var;

    private final double[] yScale; // |gamma| (mean of |x| + |x - mean|) / std + |beta|: what an error of the mean costs
    private final double[] meanScale; // mean of |x|

    private final GroupNorm g;
    private final float[] x;

    GroupNormLadderReference(GroupNorm g, float[] x, float[] gamma, float[] beta) {
        this.g = g;
        this.x = x;
        this.y = new double[x.length];
        this.yScale = new double[x.length];
        int groups = (int) (g.x().n() * g.groups());
        this.mean = new double[groups];
        this.var = new double[groups];
        this.meanScale = new double[groups];
        int channels = (int) g.x().c();
        double count = g.x().pixels() * g.groupChannels();
        for (int i = 0; i < x.length; i++) {
            mean[group(i)] += x[i] / count;
            meanScale[group(i)] += Math.abs(x[i]) / count;
        }
        for (int i = 0; i < x.length; i++) {
            double d = x[i] - mean[group(i)];
            var[group(i)] += d * d / count;
        }
        for (int i = 0; i < x.length; i++) {
            double factor = gamma[i % channels] / Math.sqrt(var[group(i)] + g.eps());
            double d = x[i] - mean[group(i)];
            y[i] = factor * d + beta[i % channels];
            yScale[i] = Math.abs(factor) * (meanScale[group(i)] + Math.abs(d)) + Math.abs(beta[i % channels]);
        }
    }

    /** The group, n * G + its number, of the i'th element. */
    private int group(int i) {
        int image = (int) (i / (g.x().pixels() * g.x().c()));
        return (int) (image * g.groups() + i % g.x().c() / g.groupChannels());
    }

    /** y, then mean, then var. */
    double[] all() {
        return joined(y, mean, var);
    }

    /** Of each value of {@link #all}; a variance is a sum of squares, and its own scale but for the mean's square. */
    double[] scale() {
        double[] squares = new double[var.length];
        for (int i = 0; i < var.length; i++) {
            // an error e of the mean adds e * e, which is below U times the mean's square for up to 2^14 terms;
            // eps does not matter where var does not vanish, and one element alone has none
            squares[i] = var[i] + 0x1p-10 * meanScale[i] * meanScale[i];
        }
        return joined(yScale, meanScale, squares);
    }

    private static double[] joined(double[]... parts) {
        return Stream.of(parts).flatMapToDouble(DoubleStream::of).toArray();
    }
}
