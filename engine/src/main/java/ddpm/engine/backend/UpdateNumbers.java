package ddpm.engine.backend;

/**
 * The numbers that change from one update of the parameters to the next. They lie in device memory, I32 [{@link #WORDS}],
 * and are written before the update: so the update itself is the same every time and can be recorded once and replayed.
 *
 * <pre>
 * word  0     1     2         3          4 .. 11  12 .. 15
 *       slot  keep  stepSize  rootScale  emaRest  0
 * </pre>
 *
 * Words 1 to 11 are the bits of floats.
 *
 * @param slot place of this step in the results
 * @param keep factor on every parameter that decays: 1 - lr * weightDecay for AdamW, else 1
 * @param stepSize lr / (1 - beta1^k) for update number k, from 1
 * @param rootScale 1 / sqrt(1 - beta2^k)
 * @param emaRest 1 - decay of each average, {@link #MOST_AVERAGES} at most
 */
public record UpdateNumbers(int slot, float keep, float stepSize, float rootScale, float... emaRest) {
    /** Size in words, 64 bytes. */
    public static final int WORDS = 16;

    public static final int SLOT = 0;
    public static final int KEEP = 1;
    public static final int STEP_SIZE = 2;
    public static final int ROOT_SCALE = 3;
    public static final int EMA_REST = 4;

    public static final int MOST_AVERAGES = 8;

    /** @throws IllegalArgumentException for more averages than there are words */
    public UpdateNumbers {
        if (emaRest.length > MOST_AVERAGES) {
            throw new IllegalArgumentException(
                    "update numbers: " + emaRest.length + " averages, at most " + MOST_AVERAGES);
        }
        emaRest = emaRest.clone();
    }

    @Override
    public float[] emaRest() {
        return emaRest.clone();
    }

    /** What lies in device memory. */
    public int[] toWords() {
        int[] words = new int[WORDS];
        words[SLOT] = slot;
        words[KEEP] = Float.floatToRawIntBits(keep);
        words[STEP_SIZE] = Float.floatToRawIntBits(stepSize);
        words[ROOT_SCALE] = Float.floatToRawIntBits(rootScale);
        for (int i = 0; i < emaRest.length; i++) {
            words[EMA_REST + i] = Float.floatToRawIntBits(emaRest[i]);
        }
        return words;
    }
}
