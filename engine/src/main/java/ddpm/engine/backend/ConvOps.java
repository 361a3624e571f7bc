package ddpm.engine.backend;

/** Convolutions over [N,H,W,C]. A backward method overwrites what it computes. */
public interface ConvOps {
    /**
     * y = conv(x, w) + b.
     *
     * @param g geometry
     * @param x in, [N,H,W,Cin]
     * @param w in, [Cout,kh,kw,Cin]
     * @param b in, [Cout]
     * @param y out, g.y()
     */
    void conv2d(Conv2dSpec g, Buffer x, Buffer w, Buffer b, Buffer y);

    /** dx of {@link #conv2d}. @param dy in, g.y() @param dx out, [N,H,W,Cin] */
    void conv2dBackwardData(Conv2dSpec g, Buffer dy, Buffer w, Buffer dx);

    /** dw and db of {@link #conv2d}. @param dw out, [Cout,kh,kw,Cin] @param db out, [Cout] */
    void conv2dBackwardWeights(Conv2dSpec g, Buffer x, Buffer dy, Buffer dw, Buffer db);

    /** {@link #conv2dBackwardWeights} and {@link #conv2dBackwardData} in one: a backend may convert dy once for both. */
    default void conv2dBackward(Conv2dSpec g, Buffer x, Buffer dy, Buffer w, Buffer dx, Buffer dw, Buffer db) {
        conv2dBackwardWeights(g, x, dy, dw, db);
        conv2dBackwardData(g, dy, w, dx);
    }

    /**
     * y = transposed conv(x, w) + b.
     *
     * @param g geometry
     * @param x in, [N,H,W,Cin]
     * @param w in, [Cin,kh,kw,Cout]
     * @param b in, [Cout]
     * @param y out, g.y()
     */
    void convTranspose2d(ConvTranspose2dSpec g, Buffer x, Buffer w, Buffer b, Buffer y);

    /** dx of {@link #convTranspose2d}. */
    void convTranspose2dBackwardData(ConvTranspose2dSpec g, Buffer dy, Buffer w, Buffer dx);

    /** dw and db of {@link #convTranspose2d}. @param dw out, [Cin,kh,kw,Cout] @param db out, [Cout] */
    void convTranspose2dBackwardWeights(ConvTranspose2dSpec g, Buffer x, Buffer dy, Buffer dw, Buffer db);
}
