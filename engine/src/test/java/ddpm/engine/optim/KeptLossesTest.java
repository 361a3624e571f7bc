package ddpm.engine.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** What images cost finds its place by numbers in device memory: the step's slot, and the part's first row. */
@Tag("kernels")
class KeptLossesTest {
    private static final int WHOLE = 600; // more than a block of threads

    @OnEachDevice
    void partsOfStepsLieInOrder(Device device) {
        Guarded backend = new Guarded(device.backend());
        try (StepMemory memory = new StepMemory(backend, 3);
                KeptLosses kept = new KeptLosses(backend, 3, WHOLE)) {
            for (int slot : new int[] {2, 0}) {
                memory.write(new UpdateNumbers(slot, 1, 1, 1));
                for (int from = 0; from < WHOLE; from += 299) {
                    memory.write(new BatchNumbers(0, 0, 0, from));
                    keep(backend, memory, kept, slot, from, Math.min(299, WHOLE - from));
                }
            }
            for (int slot : new int[] {0, 2}) {
                List<String> got = new ArrayList<>();
                List<String> want = new ArrayList<>();
                kept.read().each(slot, WHOLE - 1, (row, loss) -> got.add(row + " " + loss));
                for (int i = 0; i < WHOLE - 1; i++) {
                    want.add((1_000_000 * slot + i) + " " + (i + 0.5f));
                }
                assertEquals(want, got, "slot " + slot);
            }
            kept.read().each(1, WHOLE, (row, loss) -> assertEquals(0, row + loss, "another slot"));
        }
    }

    private static void keep(Guarded backend, StepMemory memory, KeptLosses kept, int slot, int from, int count) {
        int[] rows = new int[count];
        float[] losses = new float[count];
        for (int i = 0; i < count; i++) {
            rows[i] = 1_000_000 * slot + from + i;
            losses[i] = from + i + 0.5f;
        }
        try (Scope scope = Scope.on(backend)) {
            kept.keep(memory, scope.tensor(Shape.of(count), rows), scope.tensor(Shape.of(count), losses));
        }
    }
}
