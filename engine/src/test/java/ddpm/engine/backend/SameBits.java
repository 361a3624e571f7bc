package ddpm.engine.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OpCheck;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** Comparison of a device with the CPU, bit for bit. */
final class SameBits {
    private SameBits() {}

    /** Runs the same on the CPU and the device and compares all results. */
    static void check(Device device, String what, Function<Scope, List<Tensor>> run) {
        try (Backend cpu = new CpuBackend(Precision.FP32);
                Scope there = Scope.on(new Guarded(device.backend()));
                Scope here = Scope.on(new Guarded(cpu))) {
            List<Tensor> want = run.apply(here);
            List<Tensor> got = run.apply(there);
            for (int i = 0; i < want.size(); i++) {
                assertArrayEquals(of(want.get(i)), of(got.get(i)), what + ", result " + i);
            }
        }
    }

    /** The words of a tensor, whatever they mean. */
    static int[] of(Tensor t) {
        int[] words = new int[Math.toIntExact(t.count())];
        t.backend().memory().download(t.buffer(), words);
        return words;
    }

    /** Normals, other ones for each {@code which}. */
    static float[] values(long count, int which) {
        Random random = new Random(OpCheck.SEED + which);
        float[] values = new float[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
