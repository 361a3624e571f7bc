package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.LibraryFixture.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Conv2dSpec;
import ddpm.engine.backend.ConvTranspose2dSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** cuDNN behind the convolutions: what is rounded when, which algorithms are taken, what is remembered. */
@Tag("cuda")
class CudaConvTest {
    private static final double U = 0x1p-24;
    private static final Conv2dSpec SMALL = spec(new Nhwc(2, 5, 4, 8), 8, 3, 1, 1);

    @TempDir
    Path folder;

    private static LibraryFixture libraries;
    private final Random random = new Random(1);

    @BeforeAll
    static void open() {
        libraries = new LibraryFixture();
    }

    @AfterAll
    static void close() {
        if (libraries != null) {
            libraries.close();
        }
    }

    private static Conv2dSpec spec(Nhwc x, long out, long kernel, long stride, long padding) {
        return new Conv2dSpec(x, out, Hw.square(kernel), Hw.square(stride), Hw.square(padding));
    }

    /** Channels that tensor cores take and that they do not, windows that leave a rest, one pixel. */
    private static final List<Conv2dSpec> GEOMETRIES = List.of(
            SMALL,
            spec(new Nhwc(3, 6, 5, 16), 24, 4, 2, 1),
            spec(new Nhwc(1, 1, 1, 8), 8, 1, 1, 0),
            spec(new Nhwc(5, 7, 9, 1), 32, 3, 1, 1),
            spec(new Nhwc(2, 8, 8, 17), 1, 3, 3, 0),
            new Conv2dSpec(new Nhwc(2, 7, 10, 5), 6, new Hw(3, 5), new Hw(2, 1), new Hw(0, 2)));

    private Path file() {
        return folder.resolve("convolutions.tsv");
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void everyPass(Precision precision) {
        CudaConv conv = libraries.conv(libraries.algorithms(precision, file()));
        for (Conv2dSpec g : GEOMETRIES) {
            checkConv(conv, precision, g);
            checkTransposed(conv, precision, g);
            libraries.forget();
        }
        assertEquals(List.of(), libraries.lines);
    }

    private void checkConv(CudaConv conv, Precision precision, Conv2dSpec g) {
        Inputs in = new Inputs(ConvGeometry.of(g), precision);
        CudaBuffer b = libraries.upload(in.b);
        CudaBuffer y = libraries.result(in.dy.length);
        CudaBuffer dx = libraries.result(in.x.length);
        CudaBuffer dw = libraries.result(in.w.length);
        CudaBuffer db = libraries.result(in.b.length);
        conv.conv2d(g, in.onDevice(in.x), in.onDevice(in.w), b, y);
        conv.conv2dBackwardData(g, in.onDevice(in.dy), in.onDevice(in.w), dx);
        conv.conv2dBackwardWeights(g, in.onDevice(in.x), in.onDevice(in.dy), dw, db);
        in.compare("y", y, plus(in.want.y, in.b), in.window() * g.x().c());
        in.compare("dx", dx, in.want.dx, in.window() * g.outChannels());
        in.compare("dw", dw, in.want.dw, g.x().n() * g.y().pixels());
        in.compareSums("db", db, in.dy, in.b.length);
    }

    /** The same convolution backwards: from y's shape to x's. */
    private void checkTransposed(CudaConv conv, Precision precision, Conv2dSpec c) {
        ConvTranspose2dSpec g = new ConvTranspose2dSpec(c.y(), c.x().c(), c.kernel(), c.stride(), c.padding());
        Inputs in = new Inputs(ConvGeometry.of(g), precision);
        float[] bias = normals(g.outChannels(), 1, random);
        CudaBuffer y = libraries.result(in.x.length);
        CudaBuffer dx = libraries.result(in.dy.length);
        CudaBuffer dw = libraries.result(in.w.length);
        CudaBuffer db = libraries.result(bias.length);
        conv.convTranspose2d(g, in.onDevice(in.dy), in.onDevice(in.w), libraries.upload(bias), y);
        conv.convTranspose2dBackwardData(g, in.onDevice(in.x), in.onDevice(in.w), dx);
        conv.convTranspose2dBackwardWeights(g, in.onDevice(in.dy), in.onDevice(in.x), dw, db);
        in.compare("transposed y", y, plus(in.want.dx, bias), in.window() * g.x().c());
        in.compare("transposed dx", dx, in.want.y, in.window() * g.outChannels());
        in.compare("transposed dw", dw, in.want.dw, g.x().n() * g.x().pixels());
        in.compareSums("transposed db", db, in.x, bias.length);
    }

    private static double[] plus(double[] rows, float[] b) {
        double[] sums = rows.clone();
        for (int i = 0; i < sums.length; i++) {
            sums[i] += b[i % b.length];
        }
        return sums;
    }

    /** Operands, and what they give in double: in bf16 those that the kernels see, so only sums and the result round. */
    private final class Inputs {
        private final ConvGeometry g;
        private final Precision precision;
        private final boolean rounds;
        final float[] x;
        final float[] w;
        final float[] dy;
        final float[] b;
        final DirectConvolution want;

        Inputs(ConvGeometry g, Precision precision) {
            this.g = g;
            this.precision = precision;
            this.rounds = precision == Precision.BF16 && g.x().c() % 8 == 0 && g.y().c() % 8 == 0;
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
         * Each of so many terms of size 1 and their sum round in fp32 (with TF32 the operands to 11 bits); on tensor cores
         * bf16 results round to 8 bits, before the bias is added.
         */
        void compare(String what, CudaBuffer got, double[] want, long terms) {
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

    /** Two runs and a replay of a graph give the same bits: an algorithm with atomics would not. */
    @ParameterizedTest
    @EnumSource(Precision.class)
    void theBitsAreTheSameEveryTime(Precision precision) {
        CudaConv conv = libraries.conv(libraries.algorithms(precision, file()));
        float[] first = gradients(conv, false);
        assertArrayEquals(first, gradients(conv, false));
        assertArrayEquals(first, gradients(conv, true));
    }

    private float[] gradients(CudaConv conv, boolean graph) {
        Random same = new Random(3);
        CudaBuffer x = libraries.upload(normals(SMALL.x().count(), 1, same));
        CudaBuffer dy = libraries.upload(normals(SMALL.y().count(), 1, same));
        CudaBuffer w = libraries.upload(normals(8 * 8 * 9, 1, same));
        CudaBuffer dw = libraries.result(8 * 8 * 9);
        CudaBuffer db = libraries.result(8);
        CudaBuffer dx = libraries.result(SMALL.x().count());
        Runnable body = () -> {
            conv.conv2dBackwardWeights(SMALL, x, dy, dw, db);
            conv.conv2dBackwardData(SMALL, dy, w, dx);
        };
        if (graph) {
            libraries.captured(body, () -> 0);
        } else {
            body.run();
        }
        float[] both = Arrays.copyOf(libraries.download(dw, 8 * 8 * 9), 8 * 8 * 9 + 8 * 40);
        System.arraycopy(libraries.download(dx, SMALL.x().count()), 0, both, 8 * 8 * 9, 8 * 40);
        libraries.forget();
        return both;
    }

    @Test
    void bf16TensorsWhereCudnnTakesThem() {
        CudaConv conv = libraries.conv(libraries.algorithms(Precision.BF16, file()));
        checkConv(conv, Precision.BF16, SMALL);
        checkConv(conv, Precision.BF16, GEOMETRIES.get(3));
        libraries.forget();
        conv.inUse().forEach((what, algorithm) -> {
            if (what.contains("x8 to ")) {
                assertEquals(ConvOperands.BF16, algorithm.operands(), what);
            } else {
                assertTrue(algorithm.operands().compareTo(ConvOperands.BF16) >= 0, what);
            }
        });
        assertEquals(6, conv.inUse().size());
    }

    /** A resumed run finds what the first one used, and does not search. */
    @Test
    void theFileRemembers() {
        ConvAlgorithms first = libraries.algorithms(Precision.FP32, file());
        CudaConv before = libraries.conv(first);
        checkConv(before, Precision.FP32, SMALL);
        checkConv(before, Precision.FP32, SMALL);
        assertEquals(3, first.searches(), "one for each pass");
        ConvAlgorithms second = libraries.algorithms(Precision.FP32, file());
        CudaConv after = libraries.conv(second);
        checkConv(after, Precision.FP32, SMALL);
        assertEquals(0, second.searches());
        assertEquals(before.inUse(), after.inUse());
        ConvAlgorithms other = libraries.algorithms(Precision.TF32, file());
        checkConv(libraries.conv(other), Precision.TF32, SMALL);
        assertEquals(3, other.searches(), "another precision is another key");
        libraries.forget();
    }

    @Test
    void aDamagedFileIsSearchedAnew() throws IOException {
        checkConv(libraries.conv(libraries.algorithms(Precision.FP32, file())), Precision.FP32, SMALL);
        Files.writeString(file(), Files.readString(file()).replace("FORWARD", "FORWARE"));
        ConvAlgorithms again = libraries.algorithms(Precision.FP32, file());
        checkConv(libraries.conv(again), Precision.FP32, SMALL);
        libraries.forget();
        assertEquals(1, again.searches());
        assertEquals(1, libraries.lines.size(), libraries.lines::toString);
        libraries.lines.clear();
    }

    /** A file whose algorithm this cuDNN does not have: searched anew, silently. */
    @Test
    void anAlgorithmThatIsGoneIsSearchedAnew() {
        ConvAlgorithm gone = new ConvAlgorithm(ConvOperands.FP32, 77, 3);
        ConvAlgorithms probe = libraries.algorithms(Precision.FP32, file());
        AlgorithmFile file = new AlgorithmFile(file(), libraries.lines::add);
        file.put(probe.key(ConvPass.FORWARD, ConvGeometry.of(SMALL)), null, gone);
        ConvAlgorithms algorithms = libraries.algorithms(Precision.FP32, file());
        checkConv(libraries.conv(algorithms), Precision.FP32, SMALL);
        libraries.forget();
        assertEquals(3, algorithms.searches(), "the two other passes were not known");
        ConvAlgorithms next = libraries.algorithms(Precision.FP32, file());
        checkConv(libraries.conv(next), Precision.FP32, SMALL);
        libraries.forget();
        assertEquals(0, next.searches());
    }

    @Test
    void nothingIsSearchedWhileAStepIsRecorded() {
        ConvAlgorithms algorithms = libraries.algorithms(Precision.FP32, file());
        CudaConv conv = libraries.conv(algorithms);
        Inputs in = new Inputs(ConvGeometry.of(SMALL), Precision.FP32);
        CudaBuffer x = in.onDevice(in.x);
        CudaBuffer w = in.onDevice(in.w);
        CudaBuffer b = in.onDevice(in.b);
        CudaBuffer y = libraries.result(in.dy.length);
        BackendException e = assertThrows(
                BackendException.class,
                () -> CudaGraph.capture(libraries.device, () -> conv.conv2d(SMALL, x, w, b, y)));
        assertTrue(e.getMessage().contains("search"), e::getMessage);
        assertEquals(0, algorithms.searches());
        assertFalse(libraries.device.recording());
        conv.conv2d(SMALL, x, w, b, y);
        in.compare("y", y, plus(in.want.y, in.b), 72);
        libraries.forget();
    }
}
