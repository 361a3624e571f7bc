package ddpm.engine.testing;

import java.util.Random;

/** A kind of input values: independent normals. */
public record Data(double mean, double std) {
    public static Data normal(double mean, double std) {
        return new Data(mean, std);
    }

    /** How many standard deviations the mean is away from zero: what subtracting the mean costs in precision. */
    public double shift() {
        return Math.abs(mean) / std;
    }

    float[] draw(int count, Random random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (mean + std * random.nextGaussian());
        }
        return values;
    }

    @Override
    public String toString() {
        return "N(" + (float) mean + "," + (float) std + ")";
    }
}
