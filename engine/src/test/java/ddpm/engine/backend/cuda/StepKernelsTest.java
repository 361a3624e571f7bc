package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.AdamStep;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.OptimizerOps;
import ddpm.engine.backend.OptimizerOps.Slot;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.RandomOps;
import ddpm.engine.backend.ReverseNumbers;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.StepNumbers;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.random.Stream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The kernels whose bits are the CPU's (SameBitsTest), on memory that ends where theirs does. */
@Tag("cuda")
@Tag("kernels")
class StepKernelsTest {
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

    private static void same(String what, Buffer want, Cells got) {
        assertArrayEquals(read(want, got.count()), memory.read(got), what);
    }

    @Test
    void normalFill() {
        for (int length : LENGTHS) {
            Buffer want = here(new float[3 * length]);
            Cells got = result(3 * length);
            cpu.random().normal(SEED, Stream.INIT, 5, 2, 3, length, want);
            new CudaRandom(memory.kernels).normal(SEED, Stream.INIT, 5, 2, 3, length, got.buffer());
            same("normals of " + length, want, got);
            memory.forget();
        }
    }

    @Test
    void qSample() {
        float[] a = normals(T, random);
        float[] s = normals(T, random);
        int[] t = {0, T - 1, 4};
        for (int length : LENGTHS) {
            Nhwc g = new Nhwc(3, 1, length, 1);
            float[] x0 = normals(3 * length, random);
            float[] eps = normals(3 * length, random);
            Buffer want = here(new float[3 * length]);
            Cells got = result(3 * length);
            cpu.random().qSample(g, here(x0), here(t), here(eps), here(a), here(s), want);
            new CudaRandom(memory.kernels)
                    .qSample(
                            g,
                            memory.floats(x0).buffer(),
                            memory.ints(t),
                            memory.floats(eps).buffer(),
                            memory.floats(a).buffer(),
                            memory.floats(s).buffer(),
                            got.buffer());
            same("q_sample of " + length, want, got);
            memory.forget();
        }
    }

    @Test
    void reverseStep() {
        for (int length : LENGTHS) {
            for (float sigma : new float[] {0, 0.3f}) {
                ReverseStep g = new ReverseStep(new Nhwc(2, 1, length, 1), SEED, sigma != 0);
                int[] now = new ReverseNumbers(7, 40, 1.1f, 0.43f, 0.13f, 0.88f, -0.07f, sigma).toWords();
                float[] xt = normals(2 * length, random);
                float[] eps = normals(2 * length, random);
                Buffer out = here(new float[2 * length]);
                Buffer x0 = here(new float[2 * length]);
                cpu.random().reverseStep(g, here(now), here(xt), here(eps), out, x0);
                Cells gotOut = result(2 * length);
                Cells gotX0 = result(2 * length);
                Buffer from = memory.floats(xt).buffer();
                Buffer noise = memory.floats(eps).buffer();
                new CudaRandom(memory.kernels)
                        .reverseStep(g, memory.ints(now), from, noise, gotOut.buffer(), gotX0.buffer());
                same("reverse_step of " + length, out, gotOut);
                same("x0 of " + length, x0, gotX0);
                memory.forget();
            }
        }
    }

    /** The last image of the set is read to its last byte, mirrored and not. */
    @Test
    void noiseAdd() {
        int images = 4;
        for (Nhwc batch : List.of(
                new Nhwc(4, 1, 4, 1),
                new Nhwc(4, 1, 3, 1),
                new Nhwc(4, 2, 2, 2),
                new Nhwc(4, 1, 5, 3),
                new Nhwc(4, 4, 4, 3),
                new Nhwc(4, 32, 12, 3))) {
            for (boolean flip : new boolean[] {false, true}) {
                NoiseAdd g = new NoiseAdd(batch, images, SEED, flip, !flip, T);
                int count = (int) batch.count();
                byte[] bytes = new byte[count];
                random.nextBytes(bytes);
                int[] now = new StepNumbers(1, 0, 3, 0, 0, 0, 0, 0).toWords();
                float[] a = normals(T, random);
                MemoryOps host = cpu.memory();
                Buffer pixels = host.allocate(count);
                host.upload(bytes, pixels);
                Buffer xt = here(new float[count]);
                Buffer eps = here(new float[count]);
                Buffer t = here(new int[images]);
                cpu.random().noiseAdd(g, here(now), pixels, here(a), here(a), xt, eps, t);
                Cells gotXt = result(count);
                Cells gotEps = result(count);
                Cells table = memory.floats(a);
                RandomOps ops = new CudaRandom(memory.kernels);
                CudaBuffer gotT = memory.ints(-1, -1, -1, -1);
                ops.noiseAdd(
                        g,
                        memory.ints(now),
                        memory.ints(words(bytes)),
                        table.buffer(),
                        table.buffer(),
                        gotXt.buffer(),
                        gotEps.buffer(),
                        gotT);
                same("x_t of " + g, xt, gotXt);
                same("eps of " + g, eps, gotEps);
                same("t of " + g, t, new Cells(gotT, Storage.F32, 0, images)); // bits, whatever they mean
                memory.forget();
            }
        }
    }

    /** A multiple of four bytes as the integers that have them. */
    private static int[] words(byte[] bytes) {
        assertEquals(0, bytes.length % 4);
        int[] words = new int[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asIntBuffer().get(words);
        return words;
    }

    /** One slot after another, each in a block of memory of its own. */
    @Test
    void adamAndEma() {
        int[] sizes = {1, 2, 3, 4, 5, 4095, 4096, 4097, 7, 8193};
        List<Long> n = new ArrayList<>();
        List<Slot> slots = new ArrayList<>();
        List<Slot> here = new ArrayList<>();
        List<List<Cells>> cells = new ArrayList<>();
        for (int size : sizes) {
            n.add((long) size);
            List<Cells> there = new ArrayList<>();
            List<Buffer> same = new ArrayList<>();
            for (int k = 0; k < 4; k++) {
                float[] values = normals(size, random);
                for (int i = 0; k == 3 && i < size; i++) {
                    values[i] *= values[i]; // v is a mean of squares
                }
                there.add(memory.floats(values));
                same.add(here(values));
            }
            cells.add(there);
            List<Buffer> b = there.stream().map(c -> (Buffer) c.buffer()).toList();
            slots.add(new Slot(size, b.get(0), b.get(1), b.get(2), b.get(3)));
            here.add(new Slot(size, same.get(0), same.get(1), same.get(2), same.get(3)));
        }
        int[] numbers = new StepNumbers(0, 0, 0, 3, 0.999f, 1.7e-3f, 1.3f, 0.01f).toWords();
        float[] state = {2, 0.43f, 1, 0};
        AdamStep g = new AdamStep(0.9, 0.999, 1e-8, 0.02f);
        update(cpu.optimizer(), g, here(numbers), here(state), n, here);
        Buffer there = memory.floats(state).buffer();
        update(new CudaOptimizer(memory.kernels, null), g, memory.ints(numbers), there, n, slots);
        for (int i = 0; i < sizes.length; i++) {
            same("p of " + sizes[i], here.get(i).p(), cells.get(i).get(0));
            same(
                    "grad, the average, of " + sizes[i],
                    here.get(i).grad(),
                    cells.get(i).get(1));
            same("m of " + sizes[i], here.get(i).m(), cells.get(i).get(2));
            same("v of " + sizes[i], here.get(i).v(), cells.get(i).get(3));
        }
        memory.forget();
    }

    /** A step of Adam, then an average of the parameters in place of the gradients, which have served. */
    private static void update(
            OptimizerOps ops, AdamStep g, Buffer numbers, Buffer state, List<Long> n, List<Slot> slots) {
        ops.adam(g, numbers, state, slots);
        List<Buffer> p = slots.stream().map(Slot::p).toList();
        ops.ema(numbers, state, n, p, slots.stream().map(Slot::grad).toList());
    }
}
