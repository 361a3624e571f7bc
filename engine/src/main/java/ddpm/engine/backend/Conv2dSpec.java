package ddpm.engine.backend;

/**
 * Geometry of a convolution (cross-correlation, as in PyTorch) over [N,H,W,Cin].
 *
 * @param x extents of the input
 * @param outChannels Cout
 * @param kernel extents of the window
 * @param stride distance between windows
 * @param padding zeros on each side
 */
public record Conv2dSpec(Nhwc x, long outChannels, Hw kernel, Hw stride, Hw padding) {
    /** Extents of the result; not positive where the window does not fit. */
    public Nhwc y() {
        return new Nhwc(
                x.n(),
                Math.floorDiv(x.h() + 2 * padding.h() - kernel.h(), stride.h()) + 1,
                Math.floorDiv(x.w() + 2 * padding.w() - kernel.w(), stride.w()) + 1,
                outChannels);
    }
}
