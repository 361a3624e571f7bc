package ddpm.engine.backend.cpu.conv;

import ddpm.engine.backend.Conv2dSpec;
import ddpm.engine.backend.ConvTranspose2dSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.Precision;

/**
 * Geometry of a convolution or transposed convolution ("deconvolution" in oneDNN).
 *
 * @param operand how x is stored; its gradient, y and weights are F32
 */
record ConvGeometry(Nhwc x, Nhwc y, Hw kernel, Hw stride, Hw padding, boolean transposed, Precision operand) {
    static ConvGeometry of(Conv2dSpec g) {
        return new ConvGeometry(g.x(), g.y(), g.kernel(), g.stride(), g.padding(), false, g.operand());
    }

    static ConvGeometry of(ConvTranspose2dSpec g) {
        return new ConvGeometry(g.x(), g.y(), g.kernel(), g.stride(), g.padding(), true, Precision.FP32);
    }

    /** The same for another number of images. */
    ConvGeometry images(long n) {
        return new ConvGeometry(x.withN(n), y.withN(n), kernel, stride, padding, transposed, operand);
    }

    /** Elements of the weights. */
    long weights() {
        return x.c() * y.c() * kernel.h() * kernel.w();
    }

    /** Bytes of one image of x. */
    long xBytes() {
        return x.pixels() * x.c() * (operand == Precision.BF16 ? Short.BYTES : Float.BYTES);
    }

    /** Bytes of one image of the gradient of x. */
    long dxBytes() {
        return x.pixels() * x.c() * Float.BYTES;
    }

    /** Bytes of one image of y. */
    long yBytes() {
        return y.pixels() * y.c() * Float.BYTES;
    }
}
