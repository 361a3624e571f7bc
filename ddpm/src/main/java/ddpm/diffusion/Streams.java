package ddpm.diffusion;

import ddpm.engine.random.Stream;

/** The uses of a run's seed. Their numbers are part of the file format: a resumed run continues the same streams. */
public final class Streams {
    /** eps of a training batch: row = position in the batch, step = training step. */
    public static final Stream TRAINING_NOISE = new Stream(0);
    /** Which level of noise a row of a training batch gets. */
    public static final Stream TRAINING_TIME = new Stream(1);
    /** Left-right flips of a training batch. */
    public static final Stream FLIP = new Stream(2);
    /** x_T of a sampling run: row = image. */
    public static final Stream START = new Stream(5);
    /** z of the reverse steps: row = image, step = the stage's key. */
    public static final Stream REVERSE = new Stream(6);

    /** Which labels of a training batch are left out: row = position in the batch, step = training step. */
    public static final Stream LABEL_DROPOUT = new Stream(7);

    /** Noise on what is known of images that are filled in: row = image, step = the stage's key. */
    public static final Stream KNOWN = new Stream(8);

    /** Noise on images whose bits are counted: row = image, step = t. */
    public static final Stream BOUND_NOISE = new Stream(9);

    /** Which t of a range an image is asked at when its bits are counted: row = image, step = range. */
    public static final Stream BOUND_TIME = new Stream(10);

    private Streams() {}
}
