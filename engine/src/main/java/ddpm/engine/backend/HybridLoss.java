package ddpm.engine.backend;

/**
 * Geometry of the loss of a network that learns the variance of its steps too, see {@link LossOps#hybrid}, and the table that
 * says what a row of the training's table means for the bound: F32 [rows, {@link #COLUMNS}].
 *
 * <pre>
 * column  0      1      2      3        4         5       6       7
 *         range  error  bound  decodes  logSmall  imageX  imageF  0
 * </pre>
 *
 * @param x extents of the images
 * @param rows of the table
 */
public record HybridLoss(Nhwc x, int rows) {
    /** Numbers in a row of the table, 32 bytes. */
    public static final int COLUMNS = 8;

    /** log of the largest variance minus log of the smallest, between which the network chooses. */
    public static final int RANGE = 0;

    /** Factor of the squared error of F in the KL: (its factor in the step's mean)^2 / smallest variance. */
    public static final int ERROR = 1;

    /** Factor of the nats in the loss. */
    public static final int BOUND = 2;

    /** 1 where the step ends in the image, whose level counts instead of the KL; else 0. */
    public static final int DECODES = 3;

    /** log of the smallest variance. */
    public static final int LOG_SMALL = 4;

    /** Factor of x_t, as the network sees it, in the estimate of x_0. */
    public static final int IMAGE_X = 5;

    /** Factor of F in it. */
    public static final int IMAGE_F = 6;
}
