package ddpm.engine.backend;

/**
 * The numbers that change from one training step to the next. They lie in device memory, I32 [{@link #WORDS}], and are
 * written before the step: so the step itself is the same every time and can be recorded once and replayed.
 *
 * <pre>
 * word  0      1         2     3     4     5         6          7        8 .. 15
 *       epoch  position  step  slot  keep  stepSize  rootScale  emaRest  0
 * </pre>
 *
 * Words 4 to 7 are the bits of floats.
 *
 * @param epoch pass over the data, from 0: each has its own permutation
 * @param position of row 0 within the epoch; position + rows is at most the number of images
 * @param step training step, from 0: each has its own noise
 * @param slot place of this step in the results
 * @param keep factor on every parameter: 1 - lr * weightDecay for AdamW, else 1
 * @param stepSize lr / (1 - beta1^k) with k = step + 1
 * @param rootScale 1 / sqrt(1 - beta2^k)
 * @param emaRest 1 - decay of the average
 */
public record StepNumbers(
        int epoch, int position, int step, int slot, float keep, float stepSize, float rootScale, float emaRest) {
    /** Size in words, 64 bytes. */
    public static final int WORDS = 16;

    public static final int EPOCH = 0;
    public static final int POSITION = 1;
    public static final int STEP = 2;
    public static final int SLOT = 3;
    public static final int KEEP = 4;
    public static final int STEP_SIZE = 5;
    public static final int ROOT_SCALE = 6;
    public static final int EMA_REST = 7;

    /** What lies in device memory. */
    public int[] toWords() {
        int[] words = new int[WORDS];
        words[EPOCH] = epoch;
        words[POSITION] = position;
        words[STEP] = step;
        words[SLOT] = slot;
        words[KEEP] = Float.floatToRawIntBits(keep);
        words[STEP_SIZE] = Float.floatToRawIntBits(stepSize);
        words[ROOT_SCALE] = Float.floatToRawIntBits(rootScale);
        words[EMA_REST] = Float.floatToRawIntBits(emaRest);
        return words;
    }
}
