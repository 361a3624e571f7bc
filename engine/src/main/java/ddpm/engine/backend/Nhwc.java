package ddpm.engine.backend;

/** Extents of an image tensor [N,H,W,C]: images, rows, columns, channels; channels are contiguous. */
public record Nhwc(long n, long h, long w, long c) {
    /** Pixels of one image. */
    public long pixels() {
        return h * w;
    }

    public long count() {
        return n * h * w * c;
    }

    public Nhwc withN(long images) {
        return new Nhwc(images, h, w, c);
    }

    public Nhwc withC(long channels) {
        return new Nhwc(n, h, w, channels);
    }
}
