package ddpm.verify.given;

/** The network of the vectors, elementwise: m(x, t) = x t / (t + 1), and x / (1 + |x|) where it chooses the variance too. */
public final class FormulaNetwork {
    private FormulaNetwork() {}

    public static float m(float x, double t) {
        return (float) (x * t / (t + 1));
    }

    /** In (-1, 1). */
    static float v(float x) {
        return (float) (x / (1 + Math.abs((double) x)));
    }

    /** F, then v, of each pixel. @param x [N,H,W,C] @return [N,H,W,2C] */
    public static float[] both(float[] x, int channels, double t) {
        float[] both = new float[2 * x.length];
        for (int i = 0; i < x.length; i++) {
            int at = i / channels * 2 * channels + i % channels;
            both[at] = m(x[i], t);
            both[at + channels] = v(x[i]);
        }
        return both;
    }

    /** F alone. */
    public static float[] alone(float[] x, double t) {
        float[] f = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            f[i] = m(x[i], t);
        }
        return f;
    }

    public static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }
}
