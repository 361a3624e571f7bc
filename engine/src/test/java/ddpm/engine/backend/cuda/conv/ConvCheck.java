package ddpm.engine.backend.cuda.conv;

import static ddpm.engine.backend.cuda.LibraryFixture.normals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.LibraryFixture;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import java.util.List;
import java.util.Random;

/** Convolutions and their gradients against plain loops in double, to what the precision allows. */
public final class ConvCheck {
    private static final double U = 0x1p-24;

    /** Channels that tensor cores take and that they do not, windows that leave a rest, one pixel. */
    public static final List<ConvSpec> GEOMETRIES = List.of(
            spec(new Nhwc(2, 5, 4, 8), 8, 3, 1, 1),
            spec(new Nhwc(3, 6, 5, 16), 24, 4, 2, 1),
            spec(new Nhwc(1, 1, 1, 8), 8, 1, 1, 0),
            spec(new Nhwc(5, 7, 9, 1), 32, 3, 1, 1),
            spec(new Nhwc(2, 8, 8, 17), 1, 3, 3, 0),
            ConvSpec.conv2d(new Nhwc(2, 7, 10, 5), 6, new Hw(3, 5), new Hw(2, 1), new Hw(0, 2)));

    public static final ConvSpec SMALL = GEOMETRIES.get(0);

    /** Windows that lie in the padding altogether: of its gradients cuDNN has no deterministic algorithm. */
    static final ConvSpec WITHOUT_OFFER = spec(new Nhwc(3, 6, 5, 5), 16, 1, 3, 1);

    private final LibraryFixture libraries;
    private final CudaConv conv;
    private final Precision precision;
    private final Random random = new Random(1);

    public ConvCheck(LibraryFixture libraries, CudaConv conv, Precision precision) {
        this.libraries = libraries;
        this.conv = conv;
        this.precision = precision;
    }

    static ConvSpec spec(Nhwc x, long out, long kernel, long stride, long padding) {
        return ConvSpec.conv2d(x, out, Hw.square(kernel), Hw.square(stride), Hw.square(padding));
    }

    public void conv2d(ConvSpec g) {
        Inputs in = new Inputs(g);
        CudaBuffer b = libraries.upload(in.b);
        CudaBuffer y = libraries.result(in.dy.length);
        CudaBuffer dx = libraries.result(in.x.length);
        CudaBuffer dw = libraries.result(in.w.length);
        CudaBuffer db = libraries.result(in.b.length);
        conv.conv2d(g, in.onDevice(in.x), in.onDevice(in.w), b, y);
        conv.conv2dBackwardData(g, in.onDevice(in.dy), in.onDevice(in.w), dx);
        conv.conv2dBackwardWeights(g, in.onDevice(in.x), in.onDevice(in.dy), dw, db);
        in.compare(ConvPass.FORWARD, "y", y, plus(in.want.y, in.b), in.window() * g.x().c());
        in.compare(ConvPass.BACKWARD_DATA, "dx", dx, in.want.dx, in.window() * g.y().c());
        in.compare(ConvPass.BACKWARD_WEIGHTS, "dw", dw, in.want.dw, g.x().n() * g.y().pixels());
        in.compareSums("db", db, in.dy, in.b.length);
    }

    /** The same convolution backwards: from y's shape to x's. */
    public void transposed(ConvSpec c) {
        ConvSpec g = ConvSpec.convTranspose2d(c.y(), c.x().c(), c.kernel(), c.stride(), c.padding());
        Inputs in = new Inputs(g.convolution());
        float[] bias = normals(g.y().c(), 1, random);
        CudaBuffer y = libraries.result(in.x.length);
        CudaBuffer dx = libraries.result(in.dy.length);
        CudaBuffer dw = libraries.result(in.w.length);
        CudaBuffer db = libraries.result(bias.length);
        conv.conv2d(g, in.onDevice(in.dy), in.onDevice(in.w), libraries.upload(bias), y);
        conv.conv2dBackwardData(g, in.onDevice(in.x), in.onDevice(in.w), dx);
        conv.conv2dBackwardWeights(g, in.onDevice(in.dy), in.onDevice(in.x), dw, db);
        in.compare(ConvPass.BACKWARD_DATA, "transposed y", y, plus(in.want.dx, bias), in.window() * g.x().c());
        in.compare(ConvPass.FORWARD, "transposed dx", dx, in.want.y, in.window() * g.y().c());
        in.compare(ConvPass.BACKWARD_WEIGHTS, "transposed dw", dw, in.want.dw, g.x().n() * g.x().pixels());
        in.compareSums("transposed db", db, in.x, bias.length);
    }

    static double[] plus(double[] rows, float[] b) {
        double[] sums = rows.clone();
        for (int i = 0; i < sums.length; i++) {
            sums[i] += b[i % b.length];
        }
        return sums;
    }

    /** Operands, and what they give in double: in bf16 those that the kernels see, so only sums and the result round. */
    final class Inputs {
        private final ConvSpec g;
        final float[] x;
        final float[] w;
        final float[] dy;
        final float[] b;
        final DirectConvolution want;

        Inputs(ConvSpec g) {
            this.g = g;
            this.x = normals(g.x().count(), 1, random);
            this.w = normals(g.weights(), 1, random);
            this.dy = normals(g.y().count(), 1, random);
            this.b = normals(g.y().c(), 1, random);
            this.want = new DirectConvolution(g, seen(x), seen(w), seen(dy));
        }

        private float[] seen(float[] values) {
            return precision == Precision.BF16 ? LibraryFixture.toBf16(values) : values;
        }

        CudaBuffer onDevice(float[] values) {
            return libraries.upload(values);
        }

        long window() {
            return g.kernel().h() * g.kernel().w();
        }

        /**
         * Each of so many terms of size 1 and their sum round in fp32 (with TF32 the operands to 11 bits); results that cuDNN
         * gives in bf16 round to 8 bits, before the bias is added: {@link CudaConv#inUse} says whether it does.
         */
        void compare(ConvPass pass, String what, CudaBuffer got, double[] want, long terms) {
            ConvAlgorithm algorithm = conv.inUse().get(pass + " " + g);
            boolean rounds = algorithm.operands() == ConvOperands.BF16;
            double u = precision == Precision.TF32 ? 0x1p-11 : U;
            float[] values = libraries.download(got, want.length);
            for (int i = 0; i < want.length; i++) {
                double size = Math.max(Math.sqrt(terms), Math.abs(want[i])) + 4;
                double allowed = 4 * u * Math.sqrt(terms) * size + (rounds ? 0x1p-8 * (Math.abs(want[i]) + 4) : 0);
                double error = Math.abs(values[i] - want[i]);
                assertTrue(
                        error <= allowed,
                        what + "[" + i + "] of " + g + " in " + precision + " got " + values[i] + " want " + want[i]
                                + ", tolerance " + allowed);
            }
        }

        void compareSums(String what, CudaBuffer got, float[] rows, int columns) {
            double[] sums = new double[columns];
            for (int i = 0; i < rows.length; i++) {
                sums[i % columns] += rows[i];
            }
            float[] values = libraries.download(got, columns);
            for (int i = 0; i < columns; i++) {
                double allowed = 4 * U * rows.length / columns;
                assertEquals(sums[i], values[i], allowed, what + "[" + i + "] of " + g);
            }
        }
    }
}
