package ddpm.engine.backend.cuda.conv;

import ddpm.engine.backend.Conv2dSpec;
import ddpm.engine.backend.ConvTranspose2dSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;

/**
 * Geometry of a convolution as cuDNN sees it, from x to y with weights [y.c,kh,kw,x.c]. A transposed convolution is the
 * backward data pass of the convolution that leads from its result to its input.
 */
public record ConvGeometry(Nhwc x, Nhwc y, Hw kernel, Hw stride, Hw padding) {
    static ConvGeometry of(Conv2dSpec g) {
        return new ConvGeometry(g.x(), g.y(), g.kernel(), g.stride(), g.padding());
    }

    /** With the roles of input and result exchanged. */
    static ConvGeometry of(ConvTranspose2dSpec g) {
        return new ConvGeometry(g.y(), g.x(), g.kernel(), g.stride(), g.padding());
    }

    /** Elements of the weights. */
    long weights() {
        return x.c() * y.c() * kernel.h() * kernel.w();
    }

    @Override
    public String toString() {
        return x.n() + "x" + x.h() + "x" + x.w() + "x" + x.c() + " to " + y.h() + "x" + y.w() + "x" + y.c() + " kernel "
                + kernel + " stride " + stride + " padding " + padding;
    }
}
