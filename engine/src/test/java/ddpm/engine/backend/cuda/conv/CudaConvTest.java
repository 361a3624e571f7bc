package ddpm.engine.backend.cuda.conv;

import static ddpm.engine.backend.cuda.LibraryFixture.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.CudaGraph;
import ddpm.engine.backend.cuda.LibraryFixture;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.testing.SimulatorOption;
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
    private static final ConvSpec SMALL = ConvCheck.SMALL;

    @TempDir
    Path folder;

    private static LibraryFixture libraries;

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

    private Path file() {
        return folder.resolve("convolutions.tsv");
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void everyPass(Precision precision) {
        CudaConv conv = libraries.conv(libraries.algorithms(precision, file()));
        everyGeometry(conv, precision);
        boolean unfolds = conv.inUse().values().stream().anyMatch(ConvAlgorithm::unfolds); // on a real GPU some may
        assertEquals(unfolds ? 1 : 0, libraries.lines.size(), libraries.lines::toString);
        libraries.lines.clear();
    }

    private void everyGeometry(CudaConv conv, Precision precision) {
        ConvCheck check = new ConvCheck(libraries, conv, precision);
        for (ConvSpec g : ConvCheck.GEOMETRIES) {
            check.conv2d(g);
            check.transposed(g);
            libraries.forget();
        }
    }

    private void checkConv(CudaConv conv, Precision precision, ConvSpec g) {
        new ConvCheck(libraries, conv, precision).conv2d(g);
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

    /** The real cuDNN pads channels that are no multiple of 8; the simulated one, too. */
    @Test
    void bf16TensorsWhateverTheChannels() {
        assumeTrue(libraries.device.name().contains("simulator"), "which algorithms there are is the library's affair");
        CudaConv conv = libraries.conv(libraries.algorithms(Precision.BF16, file()));
        everyGeometry(conv, Precision.BF16);
        conv.inUse().forEach((what, algorithm) -> assertEquals(ConvOperands.BF16, algorithm.operands(), what));
    }

    @Test
    void bf16RoundedToFloatsWhereCudnnRefusesTheChannels() {
        SimulatorOption.refusesOddChannels().around(() -> {
            CudaConv conv = libraries.conv(libraries.algorithms(Precision.BF16, file()));
            everyGeometry(conv, Precision.BF16);
            conv.inUse().forEach((what, algorithm) -> {
                boolean whole = what.matches(".*x(8|16) to .*x(8|24) .*");
                assertEquals(whole ? ConvOperands.BF16 : ConvOperands.ROUNDED, algorithm.operands(), what);
                assertFalse(algorithm.unfolds(), what);
            });
            assertEquals(List.of(), libraries.lines);
        });
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
        file.put(probe.key(ConvPass.FORWARD, SMALL), null, gone);
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
        ConvCheck.Inputs in = new ConvCheck(libraries, conv, Precision.FP32).new Inputs(SMALL);
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
        in.compare(ConvPass.FORWARD, "y", y, ConvCheck.plus(in.want.y, in.b), 72);
        libraries.forget();
    }
}
