package ddpm.engine.testing;

import ddpm.engine.backend.HybridLoss;
import ddpm.engine.backend.Nhwc;
import java.util.Random;

/**
 * {@link ddpm.engine.backend.LossOps#hybrid} straight from the formulas, in double, of an output whose F is one thing in the
 * squared error and another, which differences leave alone, in the nats.
 */
public final class HybridReference {
    private final Nhwc x;
    private final float[] table;
    private final int[] row;
    private final float[] weight;
    private final double[] target;
    private final double[] xt;

    /** @param table [rows,8] @param row [N] @param weight [N] @param target [N,H,W,C] @param xt [N,H,W,C] */
    public HybridReference(Nhwc x, float[] table, int[] row, float[] weight, double[] target, double[] xt) {
        this.x = x;
        this.table = table;
        this.row = row;
        this.weight = weight;
        this.target = target;
        this.xt = xt;
    }

    /**
     * Rows of 1 .. rows-1 with numbers as of steps of which no two are alike, row 0 as of the step to the image.
     *
     * @param rows at least 1
     */
    public static float[] table(int rows) {
        Random random = new Random(OpCheck.SEED + 5);
        float[] table = new float[rows * HybridLoss.COLUMNS];
        for (int r = 0; r < rows; r++) {
            int from = r * HybridLoss.COLUMNS;
            table[from + HybridLoss.RANGE] = (float) (0.1 + 2 * random.nextDouble());
            table[from + HybridLoss.ERROR] = (float) (2 * random.nextDouble());
            table[from + HybridLoss.BOUND] = (float) (0.5 + random.nextDouble());
            table[from + HybridLoss.DECODES] = r == 0 ? 1 : 0;
            table[from + HybridLoss.LOG_SMALL] = -9.5f;
            table[from + HybridLoss.IMAGE_X] = 1.01f;
            table[from + HybridLoss.IMAGE_F] = -0.005f;
        }
        return table;
    }

    /** x_t whose x_0, with a target, is one of five levels, the first and the last among them. */
    public static float[] xt(float[] target) {
        float[] xt = new float[target.length];
        int[] levels = {0, 1, 130, 254, 255};
        for (int i = 0; i < xt.length; i++) {
            xt[i] = (float) ((levels[i % 5] / 127.5 - 1 + 0.005f * target[i]) / 1.01f);
        }
        return xt;
    }

    /** What each image adds to the loss, [N]. @param pred [N,H,W,2C] @param still of the same shape: its F is that of the nats */
    public double[] perImage(double[] pred, double[] still) {
        double[] own = new double[(int) x.n()];
        for (int i = 0; i < target.length; i++) {
            own[image(i)] += value(i, pred, still) / (x.pixels() * x.c());
        }
        return own;
    }

    /** The loss as an array of one. */
    public double[] loss(double[] pred, double[] still) {
        double[] values = new double[target.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(i, pred, still);
        }
        return Reference.scale(1.0 / values.length, Reference.sum(values));
    }

    private int image(int i) {
        return (int) (i / (x.pixels() * x.c()));
    }

    private double value(int i, double[] pred, double[] still) {
        int c = (int) x.c();
        int place = i / c * 2 * c + i % c;
        double e = pred[place] - target[i];
        double bound = entry(i, HybridLoss.BOUND);
        return weight[image(i)] * e * e + bound * nats(i, still[place] - target[i], pred[place + c]);
    }

    private double entry(int i, int column) {
        return table[row[image(i)] * HybridLoss.COLUMNS + column];
    }

    private double nats(int i, double e, double v) {
        double share = (v + 1) / 2;
        double large = entry(i, HybridLoss.LOG_SMALL) + entry(i, HybridLoss.RANGE);
        double small = entry(i, HybridLoss.LOG_SMALL);
        double log = share * large + (1 - share) * small;
        if (entry(i, HybridLoss.DECODES) == 0) {
            double squared = entry(i, HybridLoss.ERROR) * Math.exp(small) * e * e; // of the difference of the means
            return 0.5 * (-1 + log - small + Math.exp(small - log) + squared * Math.exp(-log));
        }
        double x0 = entry(i, HybridLoss.IMAGE_X) * xt[i] + entry(i, HybridLoss.IMAGE_F) * target[i];
        double mean = x0 + entry(i, HybridLoss.IMAGE_F) * e;
        double sd = Math.exp(0.5 * log);
        double above = x0 > 0.999 ? 1 : cdf((x0 + 1 / 255.0 - mean) / sd);
        double below = x0 < -0.999 ? 0 : cdf((x0 - 1 / 255.0 - mean) / sd);
        return -Math.log(Math.max(above - below, 1e-12));
    }

    private static double cdf(double z) {
        return 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)));
    }
}
