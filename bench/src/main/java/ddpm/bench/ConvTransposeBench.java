package ddpm.bench;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import org.openjdk.jmh.annotations.Param;

/** The 4x4 transposed convolutions of the mnist preset, which double height and width and keep the channels. */
public class ConvTransposeBench extends ConvPassesBench {
    private static final int WINDOW = 4;

    @Param({"64x7x7x64", "64x14x14x32"})
    String x;

    private ConvSpec g;

    @Override
    void prepare(Operands operands) {
        Nhwc extents = Operands.nhwc(x);
        g = ConvSpec.convTranspose2d(extents, extents.c(), Hw.square(WINDOW), Hw.square(2), Hw.square(1));
        long weights = extents.c() * WINDOW * WINDOW * extents.c();
        prepare(
                operands,
                "convTranspose2d",
                extents,
                g.y(),
                weights,
                (double) extents.count() * WINDOW * WINDOW * extents.c());
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
