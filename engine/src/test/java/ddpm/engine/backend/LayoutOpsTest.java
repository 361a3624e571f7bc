package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.backend.LayoutOps.Squares;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.ArrayReference;
import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.Reference;
import ddpm.engine.testing.TransformerReference;
import java.util.Arrays;
import java.util.List;

/** Moving elements is exact; only the gradient's reference, a difference in double, has rounding. */
class LayoutOpsTest {
    private static final List<Nhwc> ODD =
            List.of(new Nhwc(1, 1, 1, 4), new Nhwc(2, 3, 5, 6), new Nhwc(1, 7, 9, 8), new Nhwc(3, 31, 33, 21));

    @OnEachDevice
    void concatChannels(Device device) {
        for (Nhwc a : ODD) {
            for (int cb : new int[] {1, 3, 8, 17, 64}) {
                OpCheck.on(device, "concatChannels")
                        .input("a", normal(0, 1), a.n(), a.h(), a.w(), a.c())
                        .input("b", normal(100, 1), a.n(), a.h(), a.w(), cb)
                        .reference(in -> Reference.concatChannels((int) a.c(), in.get("a"), cb, in.b()))
                        .op(in -> in.get("a").concatChannels(in.b()))
                        .quadratic()
                        .entries(3)
                        .tolerance(c -> c.isForward() ? 0 : U * c.max("dy"))
                        .checkForwardAndGradients();
            }
        }
    }

    @OnEachDevice
    void sliceChannels(Device device) {
        for (Nhwc x : ODD) {
            int c = (int) x.c();
            for (int[] range : new int[][] {{0, c}, {0, 1}, {c - 1, c}, {1, c - 1}, {c / 2, c}}) {
                OpCheck.on(device, "sliceChannels " + range[0] + ".." + range[1])
                        .input("x", normal(0, 1), x.n(), x.h(), x.w(), x.c())
                        .reference(in -> Reference.sliceChannels(c, range[0], range[1], in.x()))
                        .op(in -> in.x().sliceChannels(range[0], range[1]))
                        .quadratic()
                        .entries(4)
                        .tolerance(t -> t.isForward() ? 0 : U * t.max("dy"))
                        .checkForwardAndGradients();
            }
        }
    }

    /** The first, the middle and the last extent, counted from either end; runs longer than a block takes at once. */
    @OnEachDevice
    void slice(Device device) {
        for (long[] shape : new long[][] {{7}, {5, 3}, {4, 3, 8}, {2, 3, 5, 6}, {3, 2, 1030}, {5, 70, 33}}) {
            for (int axis = 0; axis < shape.length; axis++) {
                int extent = (int) shape[axis];
                int outer = (int) Arrays.stream(shape).limit(axis).reduce(1, (a, b) -> a * b);
                int inner = (int) Arrays.stream(shape).skip(axis + 1).reduce(1, (a, b) -> a * b);
                for (int[] range : new int[][] {{0, extent}, {0, 1}, {extent - 1, extent}, {extent / 2, extent}}) {
                    int which = range[0] == 0 ? axis : axis - shape.length;
                    OpCheck.on(device, "slice " + which + " " + range[0] + ".." + range[1])
                            .input("x", normal(0, 1), shape)
                            .reference(in -> ArrayReference.slice(outer, extent, inner, range[0], range[1], in.x()))
                            .op(in -> in.x().slice(which, range[0], range[1]))
                            .quadratic()
                            .entries(4)
                            .tolerance(t -> t.isForward() ? 0 : U * t.max("dy"))
                            .checkForwardAndGradients();
                }
            }
        }
    }

    @OnEachDevice
    void extentsOfResults(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.zeros(Shape.of(2, 3, 4, 5));
            assertEquals(Shape.of(2, 3, 5, 4), x.transpose().shape());
            assertEquals(Shape.of(2, 2, 4, 5), x.slice(1, 1, 3).shape());
            assertEquals(Shape.of(2, 3, 4, 1), x.sliceChannels(4, 5).shape());
        }
    }

    /** Vectors as matrices, tiles cut off on either side, and a batch of one and of two extents. */
    @OnEachDevice
    void transpose(Device device) {
        for (long[] shape : new long[][] {
            {1, 1}, {1, 7}, {65, 1}, {3, 5}, {32, 64}, {2, 33, 31}, {3, 2, 35, 97}, {1, 300, 129}, {129, 5, 3}
        }) {
            int rows = (int) shape[shape.length - 2];
            int columns = (int) shape[shape.length - 1];
            OpCheck.on(device, "transpose")
                    .input("x", normal(0, 1), shape)
                    .reference(in -> ArrayReference.transpose(rows, columns, in.x()))
                    .op(in -> in.x().transpose())
                    .quadratic()
                    .entries(4)
                    .tolerance(c -> c.isForward() ? 0 : U * c.max("dy"))
                    .checkForwardAndGradients();
        }
    }

    /** Extents that packs of four elements divide, and others. */
    @OnEachDevice
    void stack(Device device) {
        for (long[] shape : new long[][] {{1}, {5}, {4, 4}, {7, 3}, {64, 33}, {3, 1, 2, 5}}) {
            OpCheck.on(device, "stack")
                    .input("a", normal(0, 1), shape)
                    .input("b", normal(100, 1), shape)
                    .input("c", normal(0, 1e-3), shape)
                    .reference(in -> Reference.stack(in.get("a"), in.b(), in.get("c")))
                    .op(in -> in.get("a").stack(in.b(), in.get("c")))
                    .quadratic()
                    .entries(3)
                    .tolerance(c -> c.isForward() ? 0 : U * c.max("dy"))
                    .checkForwardAndGradients();
        }
    }

    /** The gradient is a sum of four. */
    @OnEachDevice
    void upsample(Device device) {
        for (Nhwc x : ODD) {
            for (Data data : List.of(normal(0, 1), normal(100, 1), normal(0, 1e-3))) {
                OpCheck.on(device, "upsample")
                        .input("x", data, x.n(), x.h(), x.w(), x.c())
                        .reference(in -> Reference.upsample(x, in.x()))
                        .op(in -> in.x().upsample())
                        .quadratic()
                        .entries(4)
                        .sum("dx", 4, c -> 4 * c.max("dy"))
                        .tolerance(c -> c.isForward() ? 0 : 2 * U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    /** Squares of one pixel too, and lines of a square that packs of four elements divide, and others. */
    @OnEachDevice
    void depthToSpace(Device device) {
        for (Squares g : List.of(
                new Squares(new Nhwc(1, 1, 1, 1), 1),
                new Squares(new Nhwc(2, 6, 4, 3), 2),
                new Squares(new Nhwc(3, 28, 28, 1), 4),
                new Squares(new Nhwc(2, 9, 15, 5), 3),
                new Squares(new Nhwc(1, 32, 16, 8), 8))) {
            Nhwc image = g.image();
            long side = g.side();
            OpCheck.on(device, "depthToSpace s=" + side)
                    .input("x", normal(0, 1), image.n(), image.h() / side, image.w() / side, side * side * image.c())
                    .reference(in -> TransformerReference.depthToSpace(g, in.x()))
                    .op(in -> in.x().depthToSpace((int) side))
                    .quadratic()
                    .entries(4)
                    .tolerance(c -> c.isForward() ? 0 : U * c.max("dy"))
                    .checkForwardAndGradients();
        }
    }

    @OnEachDevice
    void pad(Device device) {
        for (Nhwc x : ODD) {
            for (Padding p : List.of(
                    new Padding(0, 0, 0, 0),
                    new Padding(1, 0, 0, 0),
                    new Padding(0, 2, 0, 1),
                    new Padding(3, 1, 2, 4))) {
                OpCheck.on(device, "pad " + p)
                        .input("x", normal(0, 1), x.n(), x.h(), x.w(), x.c())
                        .reference(in -> Reference.pad(x, p, in.x()))
                        .op(in -> in.x().pad(p))
                        .quadratic()
                        .entries(4)
                        .tolerance(c -> c.isForward() ? 0 : U * c.max("dy"))
                        .checkForwardAndGradients();
            }
        }
    }

    @OnEachDevice
    void crop(Device device) {
        for (Nhwc x : List.of(new Nhwc(1, 1, 1, 4), new Nhwc(2, 5, 6, 3), new Nhwc(3, 31, 33, 21))) {
            for (Padding p : List.of(
                    new Padding(0, 0, 0, 0),
                    new Padding(1, 0, 0, 0),
                    new Padding(0, 2, 0, 1),
                    new Padding(3, 1, 2, 3))) {
                if (p.cropped(x).h() > 0 && p.cropped(x).w() > 0) {
                    Padding negative = new Padding(-p.top(), -p.bottom(), -p.left(), -p.right());
                    OpCheck.on(device, "crop " + p)
                            .input("x", normal(0, 1), x.n(), x.h(), x.w(), x.c())
                            .reference(in -> Reference.pad(x, negative, in.x()))
                            .op(in -> in.x().crop(p))
                            .quadratic()
                            .entries(4)
                            .tolerance(c -> c.isForward() ? 0 : U * c.max("dy"))
                            .checkForwardAndGradients();
                }
            }
        }
    }
}
