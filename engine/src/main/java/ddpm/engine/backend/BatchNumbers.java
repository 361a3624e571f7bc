package ddpm.engine.backend;

/**
 * The numbers that change from one batch of a training to the next, in device memory as those of {@link UpdateNumbers}:
 * I32 [{@link #WORDS}].
 *
 * <pre>
 * word  0      1         2     3
 *       epoch  position  step  firstRow
 * </pre>
 *
 * @param epoch pass over the data, from 0: each has its own permutation
 * @param position of this batch's row 0 within the epoch; position + rows is at most the number of images
 * @param step training step, from 0: each has its own noise
 * @param firstRow number of this batch's row 0 within the whole batch of which it is a part; 0 where it is the whole
 */
public record BatchNumbers(int epoch, int position, int step, int firstRow) {
    /** Size in words, 16 bytes. */
    public static final int WORDS = 4;

    public static final int EPOCH = 0;
    public static final int POSITION = 1;
    public static final int STEP = 2;
    public static final int FIRST_ROW = 3;

    /** What lies in device memory. */
    public int[] toWords() {
        int[] words = new int[WORDS];
        words[EPOCH] = epoch;
        words[POSITION] = position;
        words[STEP] = step;
        words[FIRST_ROW] = firstRow;
        return words;
    }
}
