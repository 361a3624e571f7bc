package ddpm.engine.backend;

import ddpm.engine.random.Stream;

/**
 * What stays the same in all alike steps of a chain from noise to images: geometry, streams, and which terms of {@link
 * DiffusionOps#reverse} there are. A recording of a step has it as its key. The coefficients of one step are {@link
 * Numbers}.
 *
 * @param x extents [N,H,W,C]
 * @param seed of the sampling run
 * @param stream of z
 * @param slots images that a chain remembers from step to step, {@link #MOST_SLOTS} at most
 * @param clipping of the estimate of x_0
 * @param evaluates whether the network ran in this step
 * @param learned whether the network tells the variance too, in as many channels again
 */
public record ReverseStep(
        Nhwc x, long seed, Stream stream, int slots, Clipping clipping, boolean evaluates, boolean learned) {
    /** What is done to the estimate of x_0. A NaN stays one. */
    public enum Clipping {
        NONE,
        /** Into [-range, range]. */
        CLIP,
        /** Into [-limit, limit] of its image, then divided by the limit. */
        THRESHOLD
    }

    public static final int MOST_SLOTS = 8;

    /** Size of the numbers in words, 192 bytes; those without a name are 0. */
    public static final int WORDS = 48;

    public static final int KEY = 0;
    public static final int FIRST_IMAGE = 1;
    public static final int A = 2;
    public static final int B = 3;
    public static final int RANGE = 4;
    public static final int W0 = 5;
    public static final int WX = 6;
    public static final int WF = 7;
    public static final int SD = 8;
    public static final int K0 = 9;
    public static final int KX = 10;
    public static final int KF = 11;
    public static final int KEEP = 12;
    public static final int SAVE = 13;
    public static final int V0 = 14;
    public static final int VX = 15;
    public static final int VF = 16;
    public static final int LOG_LARGE = 17;
    public static final int LOG_SMALL = 18;
    public static final int QUANTILE = 19;

    /** The first of {@link #MOST_SLOTS}. */
    public static final int W_SLOTS = 20;

    /** The first of {@link #MOST_SLOTS}. */
    public static final int V_SLOTS = 28;

    public static final int INPUT_SCALE = 36;

    /** @throws IllegalArgumentException for more slots than there are words, or a variance of a network that did not run */
    public ReverseStep {
        if (slots < 0 || slots > MOST_SLOTS) {
            throw new IllegalArgumentException("reverse step: " + slots + " slots, at most " + MOST_SLOTS);
        }
        if (learned && !evaluates) {
            throw new IllegalArgumentException("reverse step: a learned variance needs a network that runs");
        }
    }

    /**
     * The numbers of one step; in device memory I32 [{@link #WORDS}], the words by the names above, all but key,
     * firstImage, keep and save the bits of floats. At first all are 0, nothing is kept or saved, and the input's scale and
     * the range are 1.
     */
    public static final class Numbers {
        private final int[] words = new int[WORDS];

        public Numbers() {
            words[KEEP] = -1;
            words[SAVE] = -1;
            put(INPUT_SCALE, 1);
            put(RANGE, 1);
        }

        /** @param key of z, such as the timestep */
        public Numbers key(int key) {
            words[KEY] = key;
            return this;
        }

        /** @param index of row 0 among all images of the run, so that noise does not depend on the batch size */
        public Numbers firstImage(int index) {
            words[FIRST_IMAGE] = index;
            return this;
        }

        /** x0 = a * x + b * F. */
        public Numbers estimate(float a, float b) {
            return put(A, a).put(B, b);
        }

        /** Where x0 is clipped, or the most that its threshold may be. */
        public Numbers range(float range) {
            return put(RANGE, range);
        }

        /** @param quantile of |x0| in an image, in [0,1] */
        public Numbers quantile(float quantile) {
            if (!(quantile >= 0 && quantile <= 1)) {
                throw new IllegalArgumentException("reverse step: quantile " + quantile + ", needs 0 to 1");
            }
            return put(QUANTILE, quantile);
        }

        /** next = w0 * x0 + wx * x + wF * F + ... */
        public Numbers next(float w0, float wx, float wF) {
            return put(W0, w0).put(WX, wx).put(WF, wF);
        }

        /** next = ... + w * slots[slot] + ... */
        public Numbers nextFrom(int slot, float w) {
            return put(W_SLOTS + slot(slot), w);
        }

        /** next = ... + sd * z; with a learned variance 0 or 1, a factor on its root. */
        public Numbers noise(float sd) {
            return put(SD, sd);
        }

        /** Logarithms of the variances between which a learned one lies. */
        public Numbers logVariances(float large, float small) {
            return put(LOG_LARGE, large).put(LOG_SMALL, small);
        }

        /** slots[slot] = k0 * x0 + kx * x + kF * F. */
        public Numbers keep(int slot, float k0, float kx, float kF) {
            words[KEEP] = slot(slot);
            return put(K0, k0).put(KX, kx).put(KF, kF);
        }

        /** slots[slot] = v0 * x0 + vx * x + vF * F + ...; another slot than {@link #keep}'s. */
        public Numbers save(int slot, float v0, float vx, float vF) {
            words[SAVE] = slot(slot);
            return put(V0, v0).put(VX, vx).put(VF, vF);
        }

        /** slots[save] = ... + v * slots[slot] + ... */
        public Numbers saveFrom(int slot, float v) {
            return put(V_SLOTS + slot(slot), v);
        }

        /** What the network is shown is x times this. */
        public Numbers inputScale(float scale) {
            return put(INPUT_SCALE, scale);
        }

        /** What lies in device memory. @throws IllegalArgumentException where two results go to one slot */
        public int[] toWords() {
            if (words[KEEP] >= 0 && words[KEEP] == words[SAVE]) {
                throw new IllegalArgumentException("reverse step: slot " + words[KEEP] + " is both kept and saved");
            }
            return words.clone();
        }

        private Numbers put(int at, float value) {
            words[at] = Float.floatToRawIntBits(value);
            return this;
        }

        private static int slot(int slot) {
            if (slot < 0 || slot >= MOST_SLOTS) {
                throw new IllegalArgumentException("reverse step: slot " + slot + ", needs 0 to " + (MOST_SLOTS - 1));
            }
            return slot;
        }
    }
}
