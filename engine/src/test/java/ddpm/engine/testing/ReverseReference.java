package ddpm.engine.testing;

import static ddpm.engine.testing.OpCheck.U;

import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.random.Normals;
import java.util.Arrays;

/** The formulas of a reverse step in double, each value with the error that float may make of it. */
public final class ReverseReference {
    /** A value and how far a float computation may be from it. */
    public record Value(double value, double allowed) {}

    private final ReverseStep g;
    private final int[] words;
    private final float[] x;
    private final float[] f;
    private final float[] slots;
    private final float[] limit;
    private final int length; // values of an image

    /** @param slots as before the step @param limit of each image, or null */
    public ReverseReference(ReverseStep g, int[] words, float[] x, float[] f, float[] slots, float[] limit) {
        this.g = g;
        this.words = words;
        this.x = x;
        this.f = f;
        this.slots = slots;
        this.limit = limit;
        this.length = (int) (g.x().pixels() * g.x().c());
    }

    private double number(int word) {
        return Float.intBitsToFloat(words[word]);
    }

    /** Value i of the network's output, or of what it says of the variance. */
    private double output(int i, boolean variance) {
        if (!g.learned()) {
            return f[i];
        }
        int c = (int) g.x().c();
        return f[i / c * 2 * c + i % c + (variance ? c : 0)];
    }

    public Value x0(int i) {
        double ofX = number(ReverseStep.A) * x[i];
        double ofF = number(ReverseStep.B) * output(i, false);
        double allowed = 2 * U * (Math.abs(ofX) + Math.abs(ofF));
        double guess = ofX + ofF;
        if (g.clipping() == Clipping.CLIP) {
            guess = clamp(guess, number(ReverseStep.RANGE));
        } else if (g.clipping() == Clipping.THRESHOLD) {
            double most = limit[i / length];
            guess = clamp(guess, most) / most;
            allowed = allowed / most + U * Math.abs(guess);
        }
        return new Value(guess, allowed);
    }

    private static double clamp(double v, double range) {
        return Math.max(-range, Math.min(range, v));
    }

    public Value next(int i) {
        Value sd = sd(i);
        double z = 0;
        if (sd.value() != 0) {
            float[] row = new float[length];
            long image = (long) words[ReverseStep.FIRST_IMAGE] + i / length;
            Normals.fill(g.seed(), g.stream(), image, words[ReverseStep.KEY], row, 0, length);
            z = row[i % length];
        }
        return sum(i, ReverseStep.W0, ReverseStep.W_SLOTS, new Value(sd.value() * z, sd.allowed() * Math.abs(z)));
    }

    /** Standard deviation of the noise: exp to 2 ulp of a sum that rounds a few times. */
    private Value sd(int i) {
        double sd = number(ReverseStep.SD);
        if (!g.learned() || sd == 0) {
            return new Value(sd, 0);
        }
        double share = (output(i, true) + 1) / 2;
        double large = 0.5 * share * number(ReverseStep.LOG_LARGE);
        double small = 0.5 * (1 - share) * number(ReverseStep.LOG_SMALL);
        double root = sd * Math.exp(large + small);
        // 1 + v and 1 - share round at size 1 and are multiplied by the logarithms
        double sizes = Math.abs(number(ReverseStep.LOG_LARGE)) + Math.abs(number(ReverseStep.LOG_SMALL));
        double ofExponent = U * (3 * (Math.abs(large) + Math.abs(small)) + (1 + Math.abs(share)) * sizes);
        return new Value(root, root * (ofExponent + 5 * U));
    }

    public Value kept(int i) {
        return sum(i, ReverseStep.K0, -1, new Value(0, 0));
    }

    public Value saved(int i) {
        return sum(i, ReverseStep.V0, ReverseStep.V_SLOTS, new Value(0, 0));
    }

    /** @param first word of the factors of x0, x and F @param slotWords of the slots, or -1 */
    private Value sum(int i, int first, int slotWords, Value noise) {
        double[] terms = new double[4 + g.slots()];
        double allowed = noise.allowed();
        terms[0] = number(first + 1) * x[i];
        terms[3] = noise.value();
        if (g.evaluates()) {
            Value x0 = x0(i);
            terms[1] = number(first) * x0.value();
            terms[2] = number(first + 2) * output(i, false);
            allowed += Math.abs(number(first)) * x0.allowed();
        }
        for (int j = 0; slotWords >= 0 && j < g.slots(); j++) {
            double weight = number(slotWords + j);
            terms[4 + j] = weight == 0 ? 0 : weight * slots[j * x.length + i];
        }
        double sizes = Arrays.stream(terms).map(Math::abs).sum();
        return new Value(Arrays.stream(terms).sum(), allowed + terms.length * U * sizes);
    }
}
