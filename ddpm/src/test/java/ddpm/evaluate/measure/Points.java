package ddpm.evaluate.measure;

import java.util.Random;

/** Made-up points. */
final class Points {
    private Points() {}

    /** Normally distributed: mean + std z. */
    static Rows normal(long seed, int count, int dim, double mean, double std) {
        Random random = new Random(seed);
        float[] values = new float[count * dim];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (mean + std * random.nextGaussian());
        }
        return Rows.of(dim, values);
    }

    /** The points of one set, then those of another. */
    static Rows both(Rows a, Rows b) {
        float[] values = new float[(a.count() + b.count()) * a.dim()];
        for (int i = 0; i < a.count() + b.count(); i++) {
            (i < a.count() ? a : b).copy(i < a.count() ? i : i - a.count(), values, i * a.dim());
        }
        return Rows.of(a.dim(), values);
    }
}
