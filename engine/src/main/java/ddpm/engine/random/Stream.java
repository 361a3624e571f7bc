package ddpm.engine.random;

/** Independent uses of one seed; the id is the last word of the Philox counter. Ids are part of the file format. */
public enum Stream {
    /** eps of a training batch: row = position in the batch, step = training step. */
    TRAINING_NOISE(0),
    /** t of a training batch. */
    TIMESTEP(1),
    /** Left-right flips of a training batch. */
    FLIP(2),
    /** Order of the images: step = epoch. */
    SHUFFLE(3),
    /** Initial weights: row = number of the parameter. */
    INIT(4),
    /** x_T of a sampling run: row = image. */
    START(5),
    /** z of the reverse steps: row = image, step = t. */
    REVERSE(6);

    private final int id;

    Stream(int id) {
        this.id = id;
    }

    public int id() {
        return id;
    }
}
