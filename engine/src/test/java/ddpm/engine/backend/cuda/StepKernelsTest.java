package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.OptimizerOps;
import ddpm.engine.backend.OptimizerOps.AdamStep;
import ddpm.engine.backend.OptimizerOps.Slot;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.random.Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Draws and updates, whose bits are the CPU's (SameBitsTest), on memory that ends where theirs does. */
@Tag("cuda")
@Tag("kernels")
class StepKernelsTest {
    private static final long SEED = 0x5EED_F00DL;

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
            cpu.random().normal(SEED, new Stream(4), 5, 2, 3, length, want);
            new CudaRandom(memory.kernels).normal(SEED, new Stream(4), 5, 2, 3, length, got.buffer());
            same("normals of " + length, want, got);
            memory.forget();
        }
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
        int[] numbers = new UpdateNumbers(3, 0.999f, 1.7e-3f, 1.3f, 0.3f, 0.01f).toWords();
        float[] state = {2, 0.43f, 1, 0};
        AdamStep g = new AdamStep(0.9, 0.999, 1e-8, 0.02f, true);
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
        ops.ema(1, numbers, state, n, p, slots.stream().map(Slot::grad).toList());
    }
}
