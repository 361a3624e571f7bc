package ddpm.engine.backend;

import ddpm.engine.random.Stream;

/**
 * Geometry and random streams of the fused forward noising of one training batch, or of a part of one; epoch, position,
 * step and first row are in {@link DiffusionOps.BatchNumbers}.
 *
 * <p>Row i takes image {@code Permutation(seed, epoch)[position + i]} of the data set, flips it where its random bit says
 * so, scales bytes 0..255 to [-1,1], draws a row of the table and eps from Philox keyed (seed, stream, firstRow + i,
 * step). So parts of a batch give what the whole batch gives, bit for bit.
 *
 * <p>The table says what a drawn row means: F32 [rows, {@link #COLUMNS}].
 *
 * <pre>
 * column  0     1       2      3         4          5       6          7
 *         time  signal  noise  targetX0  targetEps  weight  elsewhere  alias
 * </pre>
 *
 * <p>Rows are drawn with equal shares; one that was drawn gives way to row {@code alias} with probability {@code elsewhere}, a multiple
 * of 2^-24 that is compared with the upper 24 of 32 further bits of the draw. So rows have any shares; zeros mean equal ones.
 *
 * @param batch extents of x_t; n is the number of rows of this batch
 * @param images number of images in the data set
 * @param seed of the run
 * @param flip mirror half of the images left-right
 * @param stratified draw for row i from stratum firstRow + i of {@code whole} equal ones instead of the whole table: the
 *     same marginal, less variance of the loss
 * @param rows of the table
 * @param whole rows of the whole batch of which this is a part
 * @param noise stream of eps
 * @param times stream of the table's rows
 * @param flips stream of the flips
 */
public record NoiseAdd(
        Nhwc batch,
        long images,
        long seed,
        boolean flip,
        boolean stratified,
        int rows,
        long whole,
        Stream noise,
        Stream times,
        Stream flips) {
    /** Numbers in a row of the table, 32 bytes. */
    public static final int COLUMNS = 8;

    /** What the model is told about the noise. */
    public static final int TIME = 0;

    /** Factor of x_0 in x_t. */
    public static final int SIGNAL = 1;

    /** Factor of eps in x_t. */
    public static final int NOISE = 2;

    /** Factor of x_0 in the target. */
    public static final int TARGET_X0 = 3;

    /** Factor of eps in the target. */
    public static final int TARGET_EPS = 4;

    /** Of the loss. */
    public static final int WEIGHT = 5;

    /** Probability that another row is taken in place of this one. */
    public static final int ELSEWHERE = 6;

    /** The other row. */
    public static final int ALIAS = 7;
}
