package ddpm.engine.testing;

import static ddpm.engine.testing.Data.normal;
import static java.lang.Math.sqrt;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.ops.Conv2dOp;
import ddpm.engine.ops.ConvTranspose2dOp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** The convolutions that every way to compute them is checked on. */
public final class ConvCases {
    private static final Hw[] KERNELS = {
        Hw.square(1), Hw.square(2), Hw.square(3), Hw.square(4), Hw.square(5), new Hw(3, 1), new Hw(1, 4)
    };
    private static final long[] CHANNELS = {1, 3, 5, 8, 16, 17};
    private static final Nhwc[] ODD = {new Nhwc(2, 5, 6, 0), new Nhwc(1, 7, 9, 0), new Nhwc(3, 6, 5, 0)};
    /** For the points 0, +-11/16, +-11/8 and infinity; 10.8 for 0, +-1, +-2 and infinity (docs/decisions/0014). */
    private static final double GROWTH = 5.05;

    private static final Data PLAIN = normal(0, 1);

    private ConvCases() {}

    /** Checks all of them, whatever some of them do, and then fails with everything that is wrong. */
    public static void all(List<OpCheck> cases) {
        Assertions.assertAll(cases.stream().map(c -> c::checkForwardAndGradients));
    }

    /** Every kernel with every stride and padding; channels take turns. */
    public static List<OpCheck> conv2dGeometries(Device device) {
        List<OpCheck> cases = new ArrayList<>();
        int turn = 0;
        for (Hw kernel : KERNELS) {
            for (long stride = 1; stride <= 3; stride++) {
                for (long padding = 0; padding <= 2; padding++) {
                    Nhwc x = ODD[turn % ODD.length].withC(CHANNELS[turn % 6]);
                    ConvSpec g =
                            ConvSpec.conv2d(x, CHANNELS[turn / 6 % 6], kernel, Hw.square(stride), Hw.square(padding));
                    turn++;
                    if (g.y().h() > 0 && g.y().w() > 0) {
                        cases.add(conv2d(device, g, PLAIN).entries(8));
                    }
                }
            }
        }
        Assertions.assertTrue(cases.size() >= 60, "most geometries fit");
        return cases;
    }

    /** As {@link #conv2dGeometries}, transposed. */
    public static List<OpCheck> convTranspose2dGeometries(Device device) {
        List<OpCheck> cases = new ArrayList<>();
        int turn = 0;
        for (Hw kernel : KERNELS) {
            for (long stride = 1; stride <= 3; stride++) {
                for (long padding = 0; padding <= 2; padding++) {
                    Nhwc x = ODD[turn % ODD.length].withC(CHANNELS[turn % 6]);
                    ConvSpec g = ConvSpec.convTranspose2d(
                            x, CHANNELS[turn / 6 % 6], kernel, Hw.square(stride), Hw.square(padding));
                    turn++;
                    if (g.y().h() > 0 && g.y().w() > 0) {
                        cases.add(convTranspose2d(device, g, PLAIN).entries(8));
                    }
                }
            }
        }
        Assertions.assertTrue(cases.size() >= 60, "most geometries fit");
        return cases;
    }

    /** Every pair of channel counts in the three convolutions the U-Net has. */
    public static List<OpCheck> channels(Device device) {
        List<OpCheck> cases = new ArrayList<>();
        for (long cin : CHANNELS) {
            for (long cout : CHANNELS) {
                Nhwc x = new Nhwc(2, 6, 4, cin);
                cases.add(conv2d(device, ConvSpec.conv2d(x, cout, Hw.square(3), Hw.square(1), Hw.square(1)), PLAIN));
                cases.add(conv2d(device, ConvSpec.conv2d(x, cout, Hw.square(4), Hw.square(2), Hw.square(1)), PLAIN));
                cases.add(convTranspose2d(
                        device, ConvSpec.convTranspose2d(x, cout, Hw.square(4), Hw.square(2), Hw.square(1)), PLAIN));
            }
        }
        cases.forEach(c -> c.entries(4));
        return cases;
    }

    /** Enough channels for Winograd's tiles of 4x4 on the CPU in fp32, 33 where vectors are short: images within one, that end within one, of many. */
    public static List<OpCheck> manyChannels(Device device) {
        List<OpCheck> cases = new ArrayList<>();
        for (Nhwc x : List.of(
                new Nhwc(5, 1, 1, 64),
                new Nhwc(1, 2, 5, 65),
                new Nhwc(5, 7, 4, 64),
                new Nhwc(1, 9, 3, 65),
                new Nhwc(2, 8, 5, 33),
                new Nhwc(2, 12, 13, 64))) {
            for (Data data : x.w() == 4 ? List.of(PLAIN, normal(100, 1)) : List.of(PLAIN)) {
                ConvSpec g = ConvSpec.conv2d(x, x.n() == 5 ? 72 : 64, Hw.square(3), Hw.square(1), Hw.square(1));
                cases.add(conv2d(device, g, data)
                        .tolerance(device.toString().equals("cpu") ? ConvCases::tiles : ConvCases::products)
                        .entries(5));
            }
        }
        return cases;
    }

    /** Rows of a few pixels, for which the CPU has another way in bf16, and the first that are longer. */
    public static List<OpCheck> narrowImages(Device device) {
        List<OpCheck> cases = new ArrayList<>();
        for (long width : List.of(1L, 2L, 7L, 8L, 9L)) {
            for (Hw kernel : List.of(Hw.square(3), new Hw(5, 3), new Hw(1, 5))) {
                Hw padding = new Hw(kernel.h() / 2, kernel.w() / 2);
                for (long cout : List.of(1L, 40L)) {
                    Nhwc x = new Nhwc(3, 5, width, 6);
                    cases.add(conv2d(device, ConvSpec.conv2d(x, cout, kernel, Hw.square(1), padding), PLAIN)
                            .entries(3));
                }
            }
        }
        return cases;
    }

    /** Shifted and tiny inputs, one pixel, and images larger than any block. */
    public static List<OpCheck> data(Device device) {
        List<OpCheck> cases = new ArrayList<>();
        for (Data data : List.of(PLAIN, normal(100, 1), normal(0, 1e-3))) {
            for (Nhwc x : List.of(
                    new Nhwc(1, 1, 1, 4), new Nhwc(2, 3, 5, 6), new Nhwc(1, 7, 9, 8), new Nhwc(2, 29, 31, 24))) {
                cases.add(conv2d(device, ConvSpec.conv2d(x, 33, Hw.square(3), Hw.square(1), Hw.square(1)), data)
                        .entries(3));
                cases.add(convTranspose2d(
                                device, ConvSpec.convTranspose2d(x, 7, Hw.square(4), Hw.square(2), Hw.square(1)), data)
                        .entries(3));
            }
        }
        return cases;
    }

    /** Strides and paddings that differ between rows and columns. */
    public static List<OpCheck> rectangles(Device device) {
        Nhwc x = new Nhwc(2, 7, 10, 5);
        return List.of(
                conv2d(device, ConvSpec.conv2d(x, 6, new Hw(3, 5), new Hw(2, 1), new Hw(0, 2)), PLAIN),
                convTranspose2d(
                        device, ConvSpec.convTranspose2d(x, 6, new Hw(3, 5), new Hw(2, 1), new Hw(0, 2)), PLAIN));
    }

    private static OpCheck conv2d(Device device, ConvSpec g, Data data) {
        long window = g.kernel().h() * g.kernel().w();
        long pixels = g.x().n() * g.y().pixels();
        return OpCheck.on(device, "conv2d " + g)
                .input("x", data, g.x().n(), g.x().h(), g.x().w(), g.x().c())
                .input(
                        "w",
                        normal(0, 1 / sqrt(window * g.x().c())),
                        g.y().c(),
                        g.kernel().h(),
                        g.kernel().w(),
                        g.x().c())
                .input("b", PLAIN, g.y().c())
                .reference(in -> Reference.conv2d(g, in.x(), in.w(), in.b()))
                .op(in -> Conv2dOp.apply(in.x(), in.w(), in.b(), g.stride(), g.padding()))
                .quadratic()
                .sum("y", window * g.x().c() + 1, c -> c.sumOf(c.rms("x") * c.rms("w")))
                .sum("dx", window * g.y().c(), c -> c.sumOf(c.rms("w") * c.rms("dy")))
                .sum("dw", pixels, c -> c.sumOf(c.rms("x") * c.rms("dy")))
                .sum("db", pixels, c -> c.sumOf(c.rms("dy")))
                .tolerance(ConvCases::products);
    }

    private static OpCheck convTranspose2d(Device device, ConvSpec g, Data data) {
        long window = g.kernel().h() * g.kernel().w();
        return OpCheck.on(device, "convTranspose2d " + g)
                .input("x", data, g.x().n(), g.x().h(), g.x().w(), g.x().c())
                .input(
                        "w",
                        normal(0, 1 / sqrt(window * g.x().c())),
                        g.x().c(),
                        g.kernel().h(),
                        g.kernel().w(),
                        g.y().c())
                .input("b", PLAIN, g.y().c())
                .reference(in -> Reference.convTranspose2d(g, in.x(), in.w(), in.b()))
                .op(in -> ConvTranspose2dOp.apply(in.x(), in.w(), in.b(), g.stride(), g.padding()))
                .quadratic()
                .sum("y", window * g.x().c() + 1, c -> c.sumOf(c.rms("x") * c.rms("w")))
                .sum("dx", window * g.y().c(), c -> c.sumOf(c.rms("w") * c.rms("dy")))
                .sum("dw", g.x().n() * g.x().pixels(), c -> c.sumOf(c.rms("x") * c.rms("dy")))
                .sum("db", g.x().n() * g.y().pixels(), c -> c.sumOf(c.rms("dy")))
                .tolerance(ConvCases::products);
    }

    /**
     * Products round at U and partial sums of K terms at U times their size: a running sum of independent terms is off by
     * sqrt(K / 2) U times what it reaches, and among thousands of results some are off by four or five times that.
     */
    private static double products(Case c) {
        return 4 * c.u() * sqrt(c.terms()) * c.scale();
    }

    /**
     * Winograd's tiles: a place sums a ninth of the terms (fewer for dw), behind and before some twelve roundings of the
     * transforms. Of terms of size 1, a tap's result has size sqrt(3) in one dimension, while the products it is made of reach
     * sqrt(sum over places p of A_ip^2 |B_p|^2 |G_p|^2): {@link #GROWTH} times as much in both dimensions.
     */
    private static double tiles(Case c) {
        return 4 * GROWTH * c.u() * sqrt(c.terms() / 9.0 + 12) * c.scale();
    }
}
