package ddpm.engine.random;

/**
 * One of the independent uses of a seed. The application gives the numbers; they are part of its file format, so a number
 * that was in use is never given to another use.
 *
 * @param id last word of the Philox counter
 */
public record Stream(int id) {
    /** Order of the images: step = epoch. */
    public static final Stream SHUFFLE = new Stream(3);

    private static final int FIRST_DROPOUT = 256;

    /** Initial weights: row = number of the parameter. */
    public static final Stream INIT = new Stream(4);

    /** What a layer drops, from 256 on: row = row of the batch, step = training step. @param layer from 0 */
    public static Stream dropout(int layer) {
        return new Stream(FIRST_DROPOUT + layer);
    }
}
