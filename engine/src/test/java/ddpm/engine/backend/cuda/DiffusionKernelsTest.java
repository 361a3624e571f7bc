package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.DiffusionOps;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.backend.ReverseStep.Numbers;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.testing.NoiseTable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The diffusion kernels, whose bits are the CPU's (DiffusionBitsTest), on memory that ends where theirs does. */
@Tag("cuda")
@Tag("kernels")
class DiffusionKernelsTest {
    private static final long SEED = 0x5EED_F00DL;
    private static final int T = 9;

    /** Whole groups of four and each rest, one block of threads and two; rows of 3 channels. */
    private static final int[] LENGTHS = {1, 2, 3, 4, 5, 1023, 1024, 1025};

    private static ExactMemory memory;
    private static CpuBackend cpu;
    private final Random random = new Random(17);

    @BeforeAll
    static void open() {
        memory = new ExactMemory();
        cpu = new CpuBackend(Precision.FP32);
    }

    @AfterAll
    static void close() {
        if (cpu != null) {
            cpu.close();
            memory.close();
        }
    }

    /** Uploads to the CPU. */
    private static Buffer here(float... values) {
        Buffer b = cpu.memory().allocate((long) values.length * Float.BYTES);
        cpu.memory().upload(values, b);
        return b;
    }

    private static Buffer here(int... values) {
        Buffer b = cpu.memory().allocate((long) values.length * Integer.BYTES);
        cpu.memory().upload(values, b);
        return b;
    }

    private static float[] read(Buffer b, int count) {
        float[] values = new float[count];
        cpu.memory().download(b, values);
        return values;
    }

    private static Cells result(int count) {
        return memory.result(Storage.F32, 0, count);
    }

    private static Buffer there(float... values) {
        return memory.floats(values).buffer();
    }

    private static void same(String what, Buffer want, Cells got) {
        assertArrayEquals(read(want, got.count()), memory.read(got), what);
    }

    private static DiffusionOps cuda() {
        return new CudaDiffusion(memory.kernels);
    }

    @Test
    void qSample() {
        float[] table = NoiseTable.random(T);
        int[] row = {0, T - 1, 4};
        for (int length : LENGTHS) {
            Nhwc g = new Nhwc(3, 1, length, 1);
            float[] x0 = normals(3 * length, random);
            float[] eps = normals(3 * length, random);
            Buffer want = here(new float[3 * length]);
            Cells got = result(3 * length);
            cpu.diffusion().qSample(g, here(x0), here(row), here(eps), here(table), want);
            cuda().qSample(g, there(x0), memory.ints(row), there(eps), there(table), got.buffer());
            same("q_sample of " + length, want, got);
            memory.forget();
        }
    }

    /** Every instance of the step; slot 1 is NaN on both sides and has no weight. */
    @Test
    void reverse() {
        for (int length : LENGTHS) {
            for (int slots : new int[] {0, 3}) {
                for (Clipping clipping : Clipping.values()) {
                    for (boolean learned : new boolean[] {false, true}) {
                        reverse(length, slots, clipping, true, learned);
                    }
                }
                reverse(length, slots, Clipping.CLIP, false, false);
            }
        }
    }

    private void reverse(int length, int slots, Clipping clipping, boolean evaluates, boolean learned) {
        Nhwc x = length % 3 == 0 ? new Nhwc(2, 1, length / 3, 3) : new Nhwc(2, 1, length, 1);
        ReverseStep g = new ReverseStep(x, SEED, NoiseTable.REVERSE, slots, clipping, evaluates, learned);
        Numbers n = new Numbers().key(7).firstImage(40).estimate(1.1f, -0.43f).next(0.13f, 0.88f, -0.07f);
        n.noise(clipping == Clipping.NONE ? 0 : 0.3f).logVariances(-1, -3).quantile(0.8f);
        if (slots > 0) {
            n.nextFrom(0, 0.4f).nextFrom(2, -0.3f).saveFrom(2, 0.7f);
            n.keep(0, 0.9f, 0.8f, 0.7f).save(2, 0.6f, 0.5f, 0.4f);
        }
        int count = 2 * length;
        float[] xt = normals(count, random);
        float[] f = normals(learned ? 2 * count : count, random);
        float[] memories = normals(Math.max(1, slots) * count, random);
        for (int i = count; i < memories.length && i < 2 * count; i++) {
            memories[i] = Float.NaN;
        }
        Buffer[] want = {here(memories), here(new float[2]), here(new float[count]), here(new float[count])};
        Cells[] got = {memory.floats(memories), result(2), result(count), result(count)};
        Buffer[] gotBuffers = {got[0].buffer(), got[1].buffer(), got[2].buffer(), got[3].buffer()};
        step(cpu.diffusion(), g, here(n.toWords()), here(xt), here(f), want);
        step(cuda(), g, memory.ints(n.toWords()), there(xt), there(f), gotBuffers);
        same("slots of " + g, want[0], got[0]);
        same("next of " + g, want[2], got[2]);
        if (evaluates) {
            same("x0 of " + g, want[3], got[3]);
        }
        if (clipping == Clipping.THRESHOLD) {
            same("limit of " + g, want[1], got[1]);
        }
        memory.forget();
    }

    /** @param out slots, limit, next and x0 */
    private static void step(DiffusionOps ops, ReverseStep g, Buffer numbers, Buffer x, Buffer f, Buffer[] out) {
        if (g.clipping() == Clipping.THRESHOLD) {
            ops.threshold(g, numbers, x, f, out[1]);
        }
        ops.reverse(g, numbers, x, f, g.slots() > 0 ? out[0] : null, out[1], out[2], out[3]);
    }

    @Test
    void scale() {
        int[] numbers = new Numbers().inputScale(0.7f).toWords();
        for (int length : LENGTHS) {
            float[] x = normals(length, random);
            Buffer want = here(new float[length]);
            Cells got = result(length);
            cpu.diffusion().scale(length, here(numbers), here(x), want);
            cuda().scale(length, memory.ints(numbers), there(x), got.buffer());
            same("scale of " + length, want, got);
            memory.forget();
        }
    }

    /** The last image of the set is read to its last byte, mirrored and not. */
    @Test
    void noiseAdd() {
        for (Nhwc batch : List.of(
                new Nhwc(4, 1, 4, 1),
                new Nhwc(4, 1, 3, 1),
                new Nhwc(4, 2, 2, 2),
                new Nhwc(4, 1, 5, 3),
                new Nhwc(4, 4, 4, 3),
                new Nhwc(4, 32, 12, 3))) {
            for (boolean flip : new boolean[] {false, true}) {
                NoiseAdd g = new NoiseAdd(
                        batch, 4, SEED, flip, !flip, T, 9, NoiseTable.NOISE, NoiseTable.TIMES, NoiseTable.FLIPS);
                int count = (int) batch.count();
                byte[] bytes = new byte[count];
                random.nextBytes(bytes);
                MemoryOps host = cpu.memory();
                Buffer pixels = host.allocate(count);
                host.upload(bytes, pixels);
                int[] now = new BatchNumbers(1, 0, 3, 5).toWords();
                Buffer[] want = {
                    here(new float[count]),
                    here(new float[count]),
                    here(new float[4]),
                    here(new float[4]),
                    here(0, 0, 0, 0)
                };
                add(cpu.diffusion(), g, here(now), pixels, here(NoiseTable.unequal(T)), want);
                Cells[] got = {result(count), result(count), result(4), result(4), result(4)};
                Buffer[] gotBuffers = new Buffer[got.length];
                for (int i = 0; i < got.length; i++) {
                    gotBuffers[i] = got[i].buffer();
                }
                add(cuda(), g, memory.ints(now), memory.ints(words(bytes)), there(NoiseTable.unequal(T)), gotBuffers);
                for (int i = 0; i < got.length; i++) {
                    same("result " + i + " of " + g, want[i], got[i]); // bits, whatever they mean
                }
                memory.forget();
            }
        }
    }

    /** @param out x_t, target, time, weight and row */
    private static void add(DiffusionOps ops, NoiseAdd g, Buffer numbers, Buffer images, Buffer table, Buffer[] out) {
        ops.noiseAdd(g, numbers, images, table, out[0], out[1], out[2], out[3], out[4]);
    }

    /** A multiple of four bytes as the integers that have them. */
    private static int[] words(byte[] bytes) {
        assertEquals(0, bytes.length % 4);
        int[] words = new int[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asIntBuffer().get(words);
        return words;
    }
}
