package ddpm.bench;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import org.openjdk.jmh.annotations.Param;

/** Convolutions of the mnist preset: 3x3 at each level, 1x1 beside a residual unit, 4x4 that halves height and width. */
public class ConvBench extends ConvPassesBench {
    /** Input, channels of the result, window. */
    @Param({
        "64x28x28x32:64:3",
        "64x28x28x64:64:3",
        "64x28x28x64:16:3",
        "64x14x14x128:128:3",
        "64x7x7x256:256:3",
        "64x28x28x64:16:1",
        "64x28x28x64:64:4"
    })
    String conv;

    private ConvSpec g;

    @Override
    void prepare(Operands operands) {
        String[] parts = conv.split(":");
        Nhwc extents = Operands.nhwc(parts[0]);
        long out = Long.parseLong(parts[1]);
        int k = Integer.parseInt(parts[2]);
        g = ConvSpec.conv2d(extents, out, Hw.square(k), Hw.square(k == 4 ? 2 : 1), Hw.square(k == 1 ? 0 : 1));
        prepare(
                operands,
                "conv2d",
                extents,
                g.y(),
                out * k * k * extents.c(),
                (double) g.y().count() * k * k * extents.c());
    }

    @Override
    void pass() {
        ops.conv2d(g, in, w, b, y);
    }

    @Override
    void passBackwardData() {
        ops.conv2dBackwardData(g, dy, w, dx);
    }

    @Override
    void passBackwardWeights() {
        ops.conv2dBackwardWeights(g, in, dy, dw, db);
    }
}
