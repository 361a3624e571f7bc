package ddpm.engine.backend;

/**
 * Geometry of a convolution (cross-correlation, as in PyTorch) over [N,H,W,Cin].
 *
 * @param x extents of the input
 * @param outChannels Cout
 * @param kernel extents of the window
 * @param stride distance between windows
 * @param padding zeros on each side
 * @param operand how the input is stored: FP32, or the backend's {@link Backend#operands}
 */
public record Conv2dSpec(Nhwc x, long outChannels, Hw kernel, Hw stride, Hw padding, Precision operand) {
    /** One whose input is FP32. */
    public Conv2dSpec(Nhwc x, long outChannels, Hw kernel, Hw stride, Hw padding) {
        this(x, outChannels, kernel, stride, padding, Precision.FP32);
    }

    /** Extents of the result; not positive where the window does not fit. */
    public Nhwc y() {
        return new Nhwc(
                x.n(),
                Math.floorDiv(x.h() + 2 * padding.h() - kernel.h(), stride.h()) + 1,
                Math.floorDiv(x.w() + 2 * padding.w() - kernel.w(), stride.w()) + 1,
                outChannels);
    }
}
