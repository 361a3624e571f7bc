package ddpm.engine.backend.cpu;

import ddpm.engine.backend.NormOps.GroupNorm;
import ddpm.engine.backend.cpu.team.Rows;
import ddpm.engine.backend.cpu.team.Worker;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The loops of group normalisation over one image [H*W,C] that begins at some element of a buffer. Values that belong to
 * channels are repeated to a period, see {@link Rows}; statistics are in double from there on.
 */
final class GroupNormLoops {
    private final int c;
    private final int length;
    private final int period;
    private final int groups;
    private final int groupChannels;
    private final double groupSize;
    private final float eps;
    private final float[] gamma;
    private final float[] beta;

    GroupNormLoops(GroupNorm g, float[] gamma, float[] beta) {
        this.c = (int) g.x().c();
        this.length = Math.toIntExact(g.x().pixels() * c);
        this.period = Rows.period(c);
        this.groups = (int) g.groups();
        this.groupChannels = (int) g.groupChannels();
        this.groupSize = (double) g.x().pixels() * groupChannels;
        this.eps = g.eps();
        this.gamma = gamma;
        this.beta = beta;
    }

    /** Elements of an image. */
    int length() {
        return length;
    }

    /** Length of the arrays of sums: a multiple of C. */
    int period() {
        return period;
    }

    double[] means(Worker w, FloatBuffer x, int at) {
        float[] sums = w.floats(2, period);
        Arrays.fill(sums, 0, period, 0f);
        Rows.accumulate(x, at, length, w.floats(3, period), sums, period);
        return perGroup(sums);
    }

    /** Biased variances by a second, centred pass: E[x^2] - mean^2 would cancel. */
    double[] variances(Worker w, FloatBuffer x, int at, double[] means) {
        float[] sums = w.floats(2, period);
        float[] part = w.floats(3, period);
        float[] m = w.floats(4, period);
        Arrays.fill(sums, 0, period, 0f);
        for (int i = 0; i < c; i++) {
            m[i] = (float) means[i / groupChannels];
        }
        Rows.repeat(m, c, period);
        for (int done = 0; done < length; done += period) {
            int n = Math.min(period, length - done);
            x.get(at + done, part, 0, n);
            for (int i = 0; i < n; i++) {
                float d = part[i] - m[i];
                sums[i] += d * d;
            }
        }
        return perGroup(sums);
    }

    /** A row after the other, a group at a time: sums in a register, not in memory. */
    private double[] perGroup(float[] sums) {
        double[] out = new double[groups];
        for (int row = 0; row < period; row += c) {
            for (int g = 0; g < groups; g++) {
                int from = row + g * groupChannels;
                double sum = out[g];
                for (int i = from; i < from + groupChannels; i++) {
                    sum += sums[i];
                }
                out[g] = sum;
            }
        }
        for (int g = 0; g < groups; g++) {
            out[g] /= groupSize;
        }
        return out;
    }

    private double inverseStd(double variance) {
        return 1 / Math.sqrt(variance + eps);
    }

    /** y = gamma * (x - mean) / std + beta. */
    void normalise(Worker w, FloatBuffer x, int at, double[] means, double[] variances, FloatBuffer y, int yAt) {
        float[] part = w.floats(3, period);
        float[] a = w.floats(4, period);
        float[] b = w.floats(5, period);
        for (int i = 0; i < c; i++) {
            double scale = gamma[i] * inverseStd(variances[i / groupChannels]);
            a[i] = (float) scale;
            b[i] = (float) (beta[i] - means[i / groupChannels] * scale);
        }
        Rows.repeat(a, c, period);
        Rows.repeat(b, c, period);
        for (int done = 0; done < length; done += period) {
            int n = Math.min(period, length - done);
            x.get(at + done, part, 0, n);
            for (int i = 0; i < n; i++) {
                part[i] = part[i] * a[i] + b[i];
            }
            y.put(yAt + done, part, 0, n);
        }
    }

    /** Per channel, in the first C elements: sumD = sum of d, sumDX = sum of d * xhat with xhat = (x - mean) / std. */
    void channelSums(
            Worker w,
            FloatBuffer d,
            int dAt,
            FloatBuffer x,
            int at,
            double[] means,
            double[] variances,
            float[] sumD,
            float[] sumDX) {
        float[] dPart = w.floats(2, period);
        float[] xPart = w.floats(3, period);
        float[] a = w.floats(4, period);
        float[] b = w.floats(5, period);
        for (int i = 0; i < c; i++) {
            double scale = inverseStd(variances[i / groupChannels]);
            a[i] = (float) scale;
            b[i] = (float) (-means[i / groupChannels] * scale);
        }
        Rows.repeat(a, c, period);
        Rows.repeat(b, c, period);
        Arrays.fill(sumD, 0, period, 0f);
        Arrays.fill(sumDX, 0, period, 0f);
        for (int done = 0; done < length; done += period) {
            int n = Math.min(period, length - done);
            d.get(dAt + done, dPart, 0, n);
            x.get(at + done, xPart, 0, n);
            for (int i = 0; i < n; i++) {
                sumD[i] += dPart[i];
                sumDX[i] += dPart[i] * (xPart[i] * a[i] + b[i]);
            }
        }
        Rows.fold(sumD, c, period);
        Rows.fold(sumDX, c, period);
    }

    /**
     * dx = (gamma * d - mean_g(gamma * d) - xhat * mean_g(gamma * d * xhat)) / std, written as fromD * d + fromX * x +
     * constant. dx may be d.
     */
    void inputGradient(
            Worker w,
            FloatBuffer d,
            int dAt,
            FloatBuffer x,
            int at,
            double[] means,
            double[] variances,
            float[] sumD,
            float[] sumDX,
            FloatBuffer dx) {
        float[] dPart = w.floats(2, period);
        float[] xPart = w.floats(3, period);
        float[] fromD = w.floats(4, period);
        float[] fromX = w.floats(5, period);
        float[] constant = w.floats(6, period);
        for (int g = 0; g < groups; g++) {
            double meanD = 0;
            double meanDX = 0;
            for (int i = g * groupChannels; i < (g + 1) * groupChannels; i++) {
                meanD += gamma[i] * (double) sumD[i] / groupSize;
                meanDX += gamma[i] * (double) sumDX[i] / groupSize;
            }
            double r = inverseStd(variances[g]);
            for (int i = g * groupChannels; i < (g + 1) * groupChannels; i++) {
                fromD[i] = (float) (r * gamma[i]);
                fromX[i] = (float) (-r * r * meanDX);
                constant[i] = (float) (-r * meanD + r * r * meanDX * means[g]);
            }
        }
        Rows.repeat(fromD, c, period);
        Rows.repeat(fromX, c, period);
        Rows.repeat(constant, c, period);
        for (int done = 0; done < length; done += period) {
            int n = Math.min(period, length - done);
            d.get(dAt + done, dPart, 0, n);
            x.get(at + done, xPart, 0, n);
            for (int i = 0; i < n; i++) {
                dPart[i] = dPart[i] * fromD[i] + xPart[i] * fromX[i] + constant[i];
            }
            dx.put(at + done, dPart, 0, n);
        }
    }
}
