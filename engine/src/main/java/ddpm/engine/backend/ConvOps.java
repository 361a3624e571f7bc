package ddpm.engine.backend;

/**
 * Convolutions over [N,H,W,C]; the geometry says whether one is {@linkplain ConvSpec#transposed transposed}. A backward method
 * overwrites what it computes.
 */
public interface ConvOps {
    /**
     * y = conv(x, w) + b.
     *
     * @param g geometry
     * @param x in, [N,H,W,Cin], stored as {@link ConvSpec#operand} says
     * @param w in, [Cout,kh,kw,Cin], transposed [Cin,kh,kw,Cout]
     * @param b in, [Cout]
     * @param y out, g.y()
     */
    void conv2d(ConvSpec g, Buffer x, Buffer w, Buffer b, Buffer y);

    /** dx of {@link #conv2d}. @param dy in, g.y() @param dx out, [N,H,W,Cin], FP32 */
    void conv2dBackwardData(ConvSpec g, Buffer dy, Buffer w, Buffer dx);

    /** dw and db of {@link #conv2d}. @param dw out, as w @param db out, [Cout] */
    void conv2dBackwardWeights(ConvSpec g, Buffer x, Buffer dy, Buffer dw, Buffer db);

    /** {@link #conv2dBackwardWeights} and {@link #conv2dBackwardData} in one: a backend may convert dy once for both. */
    default void conv2dBackward(ConvSpec g, Buffer x, Buffer dy, Buffer w, Buffer dx, Buffer dw, Buffer db) {
        conv2dBackwardWeights(g, x, dy, dw, db);
        conv2dBackwardData(g, dy, w, dx);
    }
}
