package ddpm.engine.backend;

/**
 * Geometry of an embedding: which row of a table each label names.
 *
 * @param n labels
 * @param classes rows of the table
 * @param dim values of a row
 */
public record Labels(long n, long classes, long dim) {
    /** Of an image without a label. */
    public static final int NONE = -1;
}
