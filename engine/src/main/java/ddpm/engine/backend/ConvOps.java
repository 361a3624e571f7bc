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

    /**
     * Geometry of a convolution (cross-correlation, as in PyTorch) over [N,H,W,Cin], or of a transposed one: the gradient of
     * a convolution with respect to its input.
     *
     * @param x extents of the input
     * @param y extents of the result; not positive where the window does not fit
     * @param kernel extents of the window
     * @param stride distance between the windows that are read, transposed between those written
     * @param padding zeros on each side, transposed rows and columns cut from each side of the result
     * @param transposed which of the two it is
     * @param operand how the input is stored: FP32, or the backend's {@link Backend#operands}; all else is FP32
     */
    record ConvSpec(Nhwc x, Nhwc y, Hw kernel, Hw stride, Hw padding, boolean transposed, Precision operand) {
        /** A convolution to Cout channels whose input is FP32. */
        public static ConvSpec conv2d(Nhwc x, long outChannels, Hw kernel, Hw stride, Hw padding) {
            Nhwc y = new Nhwc(
                    x.n(),
                    Math.floorDiv(x.h() + 2 * padding.h() - kernel.h(), stride.h()) + 1,
                    Math.floorDiv(x.w() + 2 * padding.w() - kernel.w(), stride.w()) + 1,
                    outChannels);
            return new ConvSpec(x, y, kernel, stride, padding, false, Precision.FP32);
        }

        /** A transposed convolution to Cout channels. */
        public static ConvSpec convTranspose2d(Nhwc x, long outChannels, Hw kernel, Hw stride, Hw padding) {
            Nhwc y = new Nhwc(
                    x.n(),
                    (x.h() - 1) * stride.h() - 2 * padding.h() + kernel.h(),
                    (x.w() - 1) * stride.w() - 2 * padding.w() + kernel.w(),
                    outChannels);
            return new ConvSpec(x, y, kernel, stride, padding, true, Precision.FP32);
        }

        /** The same with an input that is stored otherwise. */
        public ConvSpec storedAs(Precision other) {
            return new ConvSpec(x, y, kernel, stride, padding, transposed, other);
        }

        /** The same for another number of images. */
        public ConvSpec withN(long images) {
            return new ConvSpec(x.withN(images), y.withN(images), kernel, stride, padding, transposed, operand);
        }

        /** For a transposed convolution the one from its result to its input, of whose passes it is made; else this one. */
        public ConvSpec convolution() {
            return transposed ? new ConvSpec(y, x, kernel, stride, padding, false, operand) : this;
        }

        /** Elements of the weights. */
        public long weights() {
            return x.c() * y.c() * kernel.h() * kernel.w();
        }

        /** Bytes of one image of x, as it is stored. */
        public long xBytes() {
            return x.pixels() * x.c() * (operand == Precision.BF16 ? Short.BYTES : Float.BYTES);
        }

        /** Bytes of one image of the gradient of x. */
        public long dxBytes() {
            return x.pixels() * x.c() * Float.BYTES;
        }

        /** Bytes of one image of y. */
        public long yBytes() {
            return y.pixels() * y.c() * Float.BYTES;
        }

        /** Part of what {@code convolutions.tsv} knows an algorithm by. */
        @Override
        public String toString() {
            return (transposed ? "transposed " : "") + x.n() + "x" + x.h() + "x" + x.w() + "x" + x.c() + " to " + y.h()
                    + "x" + y.w() + "x" + y.c() + " kernel " + kernel + " stride " + stride + " padding " + padding;
        }
    }
}
