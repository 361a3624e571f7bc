package ddpm.engine.backend;

/** A pair for the two image directions: kernel extents, strides, paddings. */
public record Hw(long h, long w) {
    public static Hw square(long extent) {
        return new Hw(extent, extent);
    }

    @Override
    public String toString() {
        return h + "x" + w;
    }
}
