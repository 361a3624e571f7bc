package ddpm.engine.backend;

/**
 * Geometry of a transposed convolution over [N,H,W,Cin]: the gradient of a convolution with respect to its input.
 *
 * @param x extents of the input
 * @param outChannels Cout
 * @param kernel extents of the window
 * @param stride distance between the windows written
 * @param padding rows and columns cut from each side of the result
 */
public record ConvTranspose2dSpec(Nhwc x, long outChannels, Hw kernel, Hw stride, Hw padding) {
    public Nhwc y() {
        return new Nhwc(
                x.n(),
                (x.h() - 1) * stride.h() - 2 * padding.h() + kernel.h(),
                (x.w() - 1) * stride.w() - 2 * padding.w() + kernel.w(),
                outChannels);
    }
}
