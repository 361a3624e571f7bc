package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The attention kernels, fp32 and on tensor cores, at all widths of a head and around every size of a block. */
@Tag("cuda")
@Tag("kernels")
class AttentionKernelsTest {
    /** The widths that have kernels, and some that are padded, up to whole groups of four: even, odd, a multiple of four. */
    private static final List<Integer> HEAD_DIMS =
            List.of(4, 8, 16, 32, 64, 128, 256, 1, 3, 5, 6, 9, 12, 24, 48, 63, 96, 193);

    /** Around the rows of an mma (16), of a tile (32, 64) and of a block (32, 64, 128). */
    private static final List<Integer> TOKENS =
            List.of(1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129);

    /** Watching every access takes the simulator many times as long; so do wide heads. */
    private static final List<Integer> FEW_TOKENS = List.of(1, 8, 17, 32, 65);

    private CudaKernels kernels;
    private CudaMemory memory;

    @BeforeEach
    void open() {
        kernels = CudaKernels.shipped(Gpu.device());
        memory = new CudaMemory(Gpu.device());
    }

    @AfterEach
    void close() {
        if (memory != null) {
            memory.close();
            kernels.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FP32", "BF16"})
    void everyHeadDimAtEveryLength(Precision precision) {
        boolean watched = "check".equals(System.getProperty("ddpm.cuda.run"));
        for (int headDim : HEAD_DIMS) {
            for (int tokens : watched || headDim > 64 ? FEW_TOKENS : TOKENS) {
                check(precision, new Attention(tokens <= 17 ? 2 : 1, tokens, headDim < 32 ? 3 : 1, headDim), 1);
            }
        }
    }

    /** More blocks of queries than one, images whose heads lie far apart. */
    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FP32", "BF16"})
    void manyHeads(Precision precision) {
        check(precision, new Attention(3, 70, 16, 4), 1);
        check(precision, new Attention(2, 130, 5, 7), 1);
    }

    /** Scores in the thousands, of either sign: exp of one would overflow, exp of minus one give no weight at all. */
    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FP32", "BF16"})
    void largeScores(Precision precision) {
        for (int headDim : List.of(4, 16, 64)) {
            for (int tokens : List.of(17, 65)) {
                check(precision, new Attention(1, tokens, 2, headDim), 100);
                check(precision, new Attention(1, tokens, 2, headDim), -100);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FP32", "BF16"})
    void theSameBitsTwice(Precision precision) {
        Attention g = new Attention(2, 100, 3, 16);
        float[] qkv = normals(g, 1);
        float[] dy = dy(g);
        Run first = run(precision, g, qkv, dy);
        for (int i = 0; i < 3; i++) {
            Run again = run(precision, g, qkv, dy);
            assertArrayEquals(first.y(), again.y(), "y");
            assertArrayEquals(first.state(), again.state(), "state");
            assertArrayEquals(first.dqkv(), again.dqkv(), "dqkv");
        }
    }

    /** The sum over an image's keys must not depend on which images share the batch. */
    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FP32", "BF16"})
    void anImageAloneGivesItsBits(Precision precision) {
        Attention two = new Attention(2, 50, 2, 16);
        Attention one = new Attention(1, 50, 2, 16);
        float[] qkv = normals(two, 1);
        float[] dy = dy(two);
        Run both = run(precision, two, qkv, dy);
        int half = qkv.length / 2;
        Run second = run(
                precision,
                one,
                Arrays.copyOfRange(qkv, half, qkv.length),
                Arrays.copyOfRange(dy, dy.length / 2, dy.length));
        assertArrayEquals(Arrays.copyOfRange(both.y(), dy.length / 2, dy.length), second.y());
        assertArrayEquals(Arrays.copyOfRange(both.dqkv(), half, qkv.length), second.dqkv());
    }

    @Test
    void aHeadTooWideSaysHowManyHeadsWouldDo() {
        CudaAttention ops = new CudaAttention(kernels, memory, Precision.FP32);
        BackendException e = assertThrows(
                BackendException.class, () -> ops.attention(new Attention(1, 49, 2, 288), null, null, null));
        assertEquals(
                "cuda: attention: headDim=288 (C=576, heads=2) is wider than the kernels' 256; choose heads=3, or"
                        + " compute on the CPU",
                e.getMessage());
    }

    private void check(Precision precision, Attention g, double gain) {
        float[] qkv = normals(g, gain);
        float[] dy = dy(g);
        AttentionReference want = new AttentionReference(g, qkv, dy);
        Run got = run(precision, g, qkv, dy);
        // a score's error is U times the terms of its sum and, as it is a float, of itself; exp makes it relative
        double roundings = 4 * precision.unitRoundoff() * (1 + want.logit + Math.sqrt(g.tokens()));
        String what = precision + " " + g + " gain " + gain;
        near(what + " lse", want.lse, got.state(), roundings / Math.log(2));
        near(what + " y", want.y, got.y(), roundings * want.value);
        near(what + " dqkv", want.dqkv, got.dqkv(), roundings * want.gradient);
    }

    private static void near(String what, double[] want, float[] got, double tolerance) {
        for (int i = 0; i < want.length; i++) {
            double error = Math.abs(want[i] - got[i]);
            int at = i;
            assertTrue(
                    error <= tolerance,
                    () -> what + "[" + at + "]: " + got[at] + ", want " + want[at] + ", " + error / tolerance
                            + " times the error allowed");
        }
    }

    private record Run(float[] y, float[] state, float[] dqkv) {}

    private Run run(Precision precision, Attention g, float[] qkv, float[] dy) {
        assumeTrue(precision == Precision.FP32 || Gpu.device().capability() >= 80, "no bf16 tensor cores");
        CudaAttention ops = new CudaAttention(kernels, memory, precision);
        Buffer packed = filled(qkv);
        Buffer gradient = filled(dy);
        Buffer y = filled(nan(dy.length));
        Buffer state = filled(nan((int) ops.stateElements(g)));
        Buffer dpacked = filled(nan(qkv.length));
        ops.attention(g, packed, y, state);
        ops.attentionBackward(g, packed, y, state, gradient, dpacked);
        Run run = new Run(read(y, dy.length), read(state, (int) ops.stateElements(g)), read(dpacked, qkv.length));
        List.of(packed, gradient, y, state, dpacked).forEach(memory::free);
        return run;
    }

    private Buffer filled(float[] values) {
        Buffer b = memory.allocate((long) values.length * Float.BYTES);
        memory.upload(values, b);
        return b;
    }

    private float[] read(Buffer b, int count) {
        float[] values = new float[count];
        memory.download(b, values);
        return values;
    }

    private static float[] nan(int count) {
        float[] values = new float[count];
        Arrays.fill(values, Float.NaN);
        return values;
    }

    /** Normal values; queries and keys times the gain, where it is not 1 with one sign each: scores far from 0. */
    private static float[] normals(Attention g, double gain) {
        Random random = new Random(g.toString().hashCode());
        float[] qkv = new float[(int) (g.n() * g.tokens() * 3 * g.width())];
        for (int i = 0; i < qkv.length; i++) {
            double x = random.nextGaussian();
            int which = (int) (i / g.width() % 3);
            if (gain != 1 && which < 2) {
                x = Math.abs(x) * (which == 0 ? gain : Math.abs(gain));
            }
            qkv[i] = (float) x;
        }
        return qkv;
    }

    private static float[] dy(Attention g) {
        Random random = new Random(g.toString().hashCode() + 1);
        float[] dy = new float[(int) (g.n() * g.tokens() * g.width())];
        for (int i = 0; i < dy.length; i++) {
            dy[i] = (float) random.nextGaussian();
        }
        return dy;
    }
}
