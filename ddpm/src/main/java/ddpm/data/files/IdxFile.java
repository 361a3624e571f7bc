package ddpm.data.files;

/**
 * The layout of an IDX file with images: big-endian int32 magic 2051, count, rows, columns, then count * rows * columns bytes.
 */
public final class IdxFile {
    public static final int IMAGES_MAGIC = 2051;
    public static final int LABELS_MAGIC = 2049;
    public static final int HEADER_BYTES = 16;

    private IdxFile() {}
}
