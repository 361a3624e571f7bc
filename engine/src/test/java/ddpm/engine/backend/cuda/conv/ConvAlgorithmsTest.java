package ddpm.engine.backend.cuda.conv;

import static ddpm.engine.backend.cuda.LibraryFixture.normals;
import static ddpm.engine.backend.cuda.conv.ConvCheck.SMALL;
import static ddpm.engine.backend.cuda.conv.ConvCheck.WITHOUT_OFFER;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.Gpu;
import ddpm.engine.backend.cuda.LibraryFixture;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.nvidia.Gemm;
import ddpm.engine.testing.SimulatorOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jcuda.jcudnn.cudnnMathType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which of cuDNN's offers are taken, and what is done where none will do. The simulator's lists begin with TF32 for floats,
 * and two of its deterministic algorithms do not exist in FMA: one says so when asked for its workspace, one when it runs.
 */
@Tag("cuda")
class ConvAlgorithmsTest {
    @TempDir
    Path folder;

    private LibraryFixture libraries;

    @BeforeEach
    void open() {
        assumeTrue(Gpu.device().name().contains("simulator"), "what a real library offers is its own affair");
        libraries = new LibraryFixture();
    }

    @AfterEach
    void close() {
        if (libraries != null) {
            libraries.close();
        }
    }

    private ConvAlgorithms algorithms(Precision precision) {
        return libraries.algorithms(precision, folder.resolve("convolutions.tsv"));
    }

    private CudaConv checked(ConvAlgorithms algorithms, Precision precision, ConvSpec g) {
        CudaConv conv = libraries.conv(algorithms);
        ConvCheck check = new ConvCheck(libraries, conv, precision);
        check.conv2d(g);
        check.transposed(g);
        libraries.forget();
        return conv;
    }

    private static void assertTaken(ConvOperands operands, List<Integer> numbers, CudaConv conv) {
        for (ConvPass pass : ConvPass.values()) {
            ConvAlgorithm a = conv.inUse().get(pass + " " + SMALL);
            assertEquals(operands, a.operands(), pass::toString);
            assertEquals(numbers.get(pass.ordinal()), a.number(), pass::toString);
            assertTrue(operands.allows(a.mathType()), a::toString);
        }
    }

    private static void assertUnfolds(ConvOperands operands, CudaConv conv) {
        assertFalse(conv.inUse().isEmpty());
        conv.inUse().forEach((what, a) -> assertEquals(ConvAlgorithm.unfolded(operands), a, what));
        assertTrue(conv.inUse().values().toString().contains("unfold"));
    }

    /** The offers before it are not deterministic, or TF32's. What was tried gives its memory back. */
    @Test
    void fp32TakesWhatIsThereInFma() {
        long used = libraries.memory.stats().usedBytes();
        CudaConv conv = checked(algorithms(Precision.FP32), Precision.FP32, SMALL);
        assertTaken(ConvOperands.FP32, List.of(1, 1, 1), conv);
        conv.inUse().values().forEach(a -> assertEquals(cudnnMathType.CUDNN_FMA_MATH, a.mathType()));
        assertEquals(used, libraries.memory.stats().usedBytes());
        assertEquals(List.of(), libraries.lines);
    }

    /** Never a float rounded to fp16, which is offered as the fastest. */
    @ParameterizedTest
    @EnumSource(names = {"TF32", "BF16"})
    void tensorCoresTakeTheFastest(Precision precision) {
        CudaConv conv = checked(algorithms(precision), precision, SMALL);
        assertTaken(precision == Precision.TF32 ? ConvOperands.TF32 : ConvOperands.BF16, List.of(7, 5, 5), conv);
    }

    /** All are offered, and all refuse: when asked for their workspace (1) or when they run (2). */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void fp32UnfoldsWhereAllOffersRefuse(long when) {
        long used = libraries.memory.stats().usedBytes();
        SimulatorOption.refusesFma(when).around(() -> {
            ConvAlgorithms first = algorithms(Precision.FP32);
            assertUnfolds(ConvOperands.FP32, checked(first, Precision.FP32, SMALL));
            assertEquals(1, libraries.lines.size(), libraries.lines::toString);
            assertTrue(libraries.lines.get(0).contains("unfolding"), libraries.lines::toString);
            assertTrue(libraries.lines.get(0).contains("(status 3000)"), libraries.lines::toString);
        });
        assertEquals(used, libraries.memory.stats().usedBytes());
        assertTaken(ConvOperands.FP32, List.of(1, 1, 1), checked(algorithms(Precision.FP32), Precision.FP32, SMALL));
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void unfoldsWhereNoneIsDeterministic(Precision precision) {
        SimulatorOption.notDeterministic().around(() -> {
            CudaConv conv = libraries.conv(algorithms(precision));
            ConvCheck check = new ConvCheck(libraries, conv, precision);
            for (ConvSpec g : ConvCheck.GEOMETRIES) {
                check.conv2d(g);
                check.transposed(g);
                libraries.forget();
            }
            check.conv2d(WITHOUT_OFFER);
            libraries.forget();
            ConvOperands[] all = ConvOperands.of(precision);
            assertUnfolds(all[all.length - 1], conv);
            assertEquals(1, libraries.lines.size(), "said once");
            float[] bits = gradients(conv, false);
            assertArrayEquals(bits, gradients(conv, false), "run again");
            assertArrayEquals(bits, gradients(conv, true), "replayed");
        });
    }

    /** Results of all passes, behind one another. */
    private float[] gradients(CudaConv conv, boolean graph) {
        Random same = new Random(3);
        CudaBuffer x = libraries.upload(normals(SMALL.x().count(), 1, same));
        CudaBuffer dy = libraries.upload(normals(SMALL.y().count(), 1, same));
        CudaBuffer w = libraries.upload(normals(8 * 8 * 9, 1, same));
        CudaBuffer b = libraries.upload(normals(8, 1, same));
        List<CudaBuffer> results = List.of(
                libraries.result(SMALL.y().count()),
                libraries.result(SMALL.x().count()),
                libraries.result(8 * 8 * 9),
                libraries.result(8));
        Runnable body = () -> {
            conv.conv2d(SMALL, x, w, b, results.get(0));
            conv.conv2dBackwardData(SMALL, dy, w, results.get(1));
            conv.conv2dBackwardWeights(SMALL, x, dy, results.get(2), results.get(3));
        };
        if (graph) {
            libraries.captured(body, () -> 0);
        } else {
            body.run();
        }
        float[] all = new float[0];
        for (CudaBuffer result : results) {
            float[] values =
                    libraries.download(result, result == results.get(3) ? 8 : result == results.get(2) ? 576 : 320);
            int end = all.length;
            all = Arrays.copyOf(all, end + values.length);
            System.arraycopy(values, 0, all, end, values.length);
        }
        libraries.forget();
        return all;
    }

    /** Without any switch: as with the real library. The forward has an offer. */
    @ParameterizedTest
    @EnumSource(Precision.class)
    void gradientsWithoutAnOffer(Precision precision) {
        CudaConv conv = checked(algorithms(precision), precision, WITHOUT_OFFER);
        conv.inUse().forEach((what, a) -> assertEquals(!what.startsWith("FORWARD"), a.unfolds(), what));
        assertEquals(1, libraries.lines.size(), libraries.lines::toString);
    }

    /** A convolution that was unfolded is searched for again by the next process: its cuDNN may have been repaired. */
    @Test
    void theFileDoesNotKeepWhatWasUnfolded() {
        for (int searches : new int[] {3, 2}) { // the second knows the forward
            ConvAlgorithms algorithms = algorithms(Precision.FP32);
            new ConvCheck(libraries, libraries.conv(algorithms), Precision.FP32).conv2d(WITHOUT_OFFER);
            libraries.forget();
            assertEquals(searches, algorithms.searches());
        }
    }

    /** An entry that the query or the run of this cuDNN refuses, that has other units or that nobody asked for. */
    @Test
    void entriesThatAreNotReadyAreSearchedAnew() {
        List<ConvAlgorithm> stale = List.of(
                new ConvAlgorithm(ConvOperands.FP32, 7, cudnnMathType.CUDNN_FMA_MATH),
                new ConvAlgorithm(ConvOperands.FP32, 5, cudnnMathType.CUDNN_FMA_MATH),
                new ConvAlgorithm(ConvOperands.FP32, 0, cudnnMathType.CUDNN_TENSOR_OP_MATH),
                new ConvAlgorithm(ConvOperands.TF32, 0, cudnnMathType.CUDNN_TENSOR_OP_MATH),
                new ConvAlgorithm(ConvOperands.FP32, 77, cudnnMathType.CUDNN_FMA_MATH),
                ConvAlgorithm.unfolded(ConvOperands.FP32));
        List<String> wrong = new ArrayList<>();
        for (ConvAlgorithm entry : stale) {
            Path file = folder.resolve(entry + ".tsv");
            ConvAlgorithms algorithms = libraries.algorithms(Precision.FP32, file);
            String key = algorithms.key(ConvPass.FORWARD, SMALL);
            new AlgorithmFile(file, wrong::add).put(key, null, entry);
            assertTaken(ConvOperands.FP32, List.of(1, 1, 1), checked(algorithms, Precision.FP32, SMALL));
            assertEquals(3, algorithms.searches(), entry::toString);
            ConvAlgorithms next = libraries.algorithms(Precision.FP32, file);
            checked(next, Precision.FP32, SMALL);
            assertEquals(0, next.searches(), entry::toString);
        }
        assertEquals(List.of(), wrong);
    }

    /** The heuristics name nothing (1); in the search everything fails, with sizes that mean nothing (2). */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void oneListIsEnough(long useless) {
        SimulatorOption.uselessList(useless).around(() -> {
            for (Precision precision : Precision.values()) {
                CudaConv conv = checked(algorithms(precision), precision, SMALL);
                conv.inUse().forEach((what, a) -> assertFalse(a.unfolds(), what));
            }
        });
        assertEquals(List.of(), libraries.lines);
    }

    /** Parts of two images and a rest, and parts of one where not even one is within the limit. */
    @ParameterizedTest
    @EnumSource(ConvPass.class)
    void unfoldedInParts(ConvPass pass) {
        ConvSpec g = ConvCheck.GEOMETRIES.get(3); // five images
        Random random = new Random(2);
        float[] x = normals(g.x().count(), 1, random);
        float[] w = normals(g.weights(), 1, random);
        float[] y = normals(g.y().count(), 1, random);
        long image = g.y().pixels() * 9 * Float.BYTES;
        float[] whole = unfolded(pass, g, x, w, y, UnfoldedPlan.MOST_BYTES);
        for (long most : new long[] {2 * image, 1}) {
            float[] parts = unfolded(pass, g, x, w, y, most);
            double allowed = pass == ConvPass.BACKWARD_WEIGHTS ? 4 * 0x1p-24 * 5 * 63 : 0;
            assertArrayEquals(whole, parts, (float) allowed, () -> pass + " in parts of at most " + most + " bytes");
            assertArrayEquals(parts, unfolded(pass, g, x, w, y, most), "the same bits");
        }
    }

    private float[] unfolded(ConvPass pass, ConvSpec g, float[] x, float[] w, float[] y, long most) {
        ConvTensors t = new ConvTensors(libraries.upload(x), libraries.upload(w), libraries.upload(y));
        ConvAlgorithm ours = ConvAlgorithm.unfolded(ConvOperands.FP32);
        Gemm gemm = new Gemm(libraries.handles);
        UnfoldKernels kernels = new UnfoldKernels(libraries.kernels);
        new UnfoldedPlan(pass, g, ours, kernels, gemm, libraries.memory, most).run(t);
        float[] result = libraries.download(pass.result(t), pass.resultElements(g));
        libraries.forget();
        return result;
    }
}
