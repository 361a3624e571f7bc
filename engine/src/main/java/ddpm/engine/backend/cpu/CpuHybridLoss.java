package ddpm.engine.backend.cpu;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.HybridLoss;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.team.Blocks;
import ddpm.engine.backend.cpu.team.Worker;
import java.nio.FloatBuffer;

/**
 * The loss of a network that learns the variance too, in double and block by block as {@link CpuLoss}. Its exp is Java's: one for
 * each value of an image is nothing beside what a network computes for it.
 */
final class CpuHybridLoss {
    private static final double HALF_BIN = 1.0 / 255;
    private static final double LAST = 0.999; // between the last level and the one before it
    private static final double LEAST = 1e-12;
    private static final double ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double CUBIC = 0.044715;

    private final Blocks blocks;

    CpuHybridLoss(Blocks blocks) {
        this.blocks = blocks;
    }

    /** What both directions read; see {@link ddpm.engine.backend.LossOps#hybrid}. */
    record Given(Buffer pred, Buffer target, Buffer xt, Buffer weight, Buffer row, Buffer table) {
        float weight(int image) {
            return floats(weight).get(image);
        }

        Bound bound(int image) {
            return new Bound(table, ((CpuBuffer) row).ints().get(image));
        }
    }

    void forward(HybridLoss g, Given in, Buffer perImage, Buffer loss) {
        int c = (int) g.x().c();
        long length = g.x().pixels() * c;
        double[][] sums = new double[(int) g.x().n()][Blocks.count(length)];
        blocks.forEach(g.x().n(), length, (w, image, at, count) -> {
            Values values = new Values(w, in, c, at, count);
            Bound bound = in.bound(image);
            double ofError = in.weight(image);
            double s = 0;
            for (int i = 0; i < count; i++) {
                double e = values.e(i);
                s += ofError * e * e + bound.factor * bound.nats(e, values.v(i), values.target[i], values.xt[i]);
            }
            sums[image][(int) ((at - image * length) / Blocks.SIZE)] = s;
        });
        double total = 0;
        for (int image = 0; image < sums.length; image++) {
            double sum = 0;
            for (double s : sums[image]) {
                sum += s;
            }
            floats(perImage).put(image, (float) (sum / length));
            total += sum;
        }
        floats(loss).put(0, (float) (total / (sums.length * length)));
    }

    void backward(HybridLoss g, Given in, Buffer dloss, Buffer dpred) {
        int c = (int) g.x().c();
        long length = g.x().pixels() * c;
        double share = floats(dloss).get(0) / ((double) g.x().n() * length);
        blocks.forEach(g.x().n(), length, (w, image, at, count) -> {
            Values values = new Values(w, in, c, at, count);
            Bound bound = in.bound(image);
            double ofError = 2 * share * in.weight(image);
            double ofNats = share * bound.factor;
            for (int i = 0; i < count; i++) {
                double e = values.e(i);
                int f = (at + i) / c * c + at + i;
                floats(dpred).put(f, (float) (ofError * e));
                floats(dpred)
                        .put(f + c, (float) (ofNats * bound.slope(e, values.v(i), values.target[i], values.xt[i])));
            }
        });
    }

    /** Part of a batch by the place of its values. */
    private static final class Values {
        final float[] target;
        final float[] xt;
        private final float[] pred;
        private final int channels;
        private final int at;
        private final int firstPixel;

        Values(Worker w, Given in, int channels, int at, int count) {
            this.channels = channels;
            this.at = at;
            this.firstPixel = at / channels;
            int pixels = (at + count - 1) / channels + 1 - firstPixel;
            this.target = Blocks.read(w, 0, in.target(), at, count);
            this.xt = Blocks.read(w, 1, in.xt(), at, count);
            this.pred = w.floats(2, 2 * channels * pixels);
            floats(in.pred()).get(2 * channels * firstPixel, pred, 0, 2 * channels * pixels);
        }

        private int place(int i) {
            int pixel = (at + i) / channels;
            return (pixel - 2 * firstPixel) * channels + at + i;
        }

        double e(int i) {
            return (double) pred[place(i)] - target[i];
        }

        double v(int i) {
            return pred[place(i) + channels];
        }
    }

    /** A row of the table. */
    private static final class Bound {
        final double factor;
        private final boolean decodes;
        private final double range;
        private final double error;
        private final double logSmall;
        private final double imageX;
        private final double imageF;

        Bound(Buffer table, int row) {
            int from = row * HybridLoss.COLUMNS;
            FloatBuffer t = floats(table);
            factor = t.get(from + HybridLoss.BOUND);
            decodes = t.get(from + HybridLoss.DECODES) != 0;
            range = t.get(from + HybridLoss.RANGE);
            error = t.get(from + HybridLoss.ERROR);
            logSmall = t.get(from + HybridLoss.LOG_SMALL);
            imageX = t.get(from + HybridLoss.IMAGE_X);
            imageF = t.get(from + HybridLoss.IMAGE_F);
        }

        double nats(double e, double v, double target, double xt) {
            if (decodes) {
                return -Math.log(Math.max(new Bin(e, v, target, xt).probability(), LEAST));
            }
            double d = -(v + 1) / 2 * range;
            double grown = Math.expm1(d);
            return 0.5 * (grown - d + error * e * e * (grown + 1));
        }

        /** d nats / d v. */
        double slope(double e, double v, double target, double xt) {
            if (decodes) {
                Bin bin = new Bin(e, v, target, xt);
                double p = bin.probability();
                return p < LEAST ? 0 : -0.25 * range * bin.slope() / p;
            }
            double grown = Math.expm1(-(v + 1) / 2 * range);
            return -0.25 * range * (grown + error * e * e * (grown + 1));
        }

        /** Where the bin of the level x_0 lies under the model's Gaussian, in standard deviations. */
        private final class Bin {
            private final double low;
            private final double high;
            private final boolean first;
            private final boolean last;

            Bin(double e, double v, double target, double xt) {
                double x0 = imageX * xt + imageF * target;
                double apart = -imageF * e;
                double perUnit = Math.exp(-0.5 * (logSmall + (v + 1) / 2 * range));
                low = (apart - HALF_BIN) * perUnit;
                high = (apart + HALF_BIN) * perUnit;
                first = x0 < -LAST;
                last = x0 > LAST;
            }

            double probability() {
                return (last ? 1 : 0.5 * (1 + tanh(high))) - (first ? 0 : 0.5 * (1 + tanh(low)));
            }

            /** By the logarithm of the standard deviation. */
            double slope() {
                return (first ? 0 : low * density(low)) - (last ? 0 : high * density(high));
            }
        }
    }

    private static double tanh(double z) {
        return Math.tanh(ROOT_2_OVER_PI * (z + CUBIC * z * z * z));
    }

    private static double density(double z) {
        double th = tanh(z);
        return 0.5 * (1 - th * th) * ROOT_2_OVER_PI * (1 + 3 * CUBIC * z * z);
    }

    private static FloatBuffer floats(Buffer b) {
        return ((CpuBuffer) b).floats();
    }
}
