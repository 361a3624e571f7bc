package ddpm.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.cuda.CudaInfo;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OnEachPrecision;
import ddpm.engine.testing.SmallNet;

/** Many steps of a small net: memory stays, the loss falls, bits repeat. */
class TrainingTest {
    /**
     * The pool knows every size after the first steps: each later one uses and reserves what step 10 did, until step 1000. With
     * the simulated GPU, where a step takes a tenth of a second, 160 steps have to do.
     */
    @OnEachDevice
    void memoryStays(Device device) {
        MemoryOps memory = device.backend().memory();
        long before = memory.stats().usedBytes();
        int last = device.backend().asynchronous() && CudaInfo.simulated() ? 160 : 1000;
        try (SmallNet net = new SmallNet(device.backend(), 2, 4, 8)) {
            steps(net, 10);
            MemoryOps.Stats ten = memory.stats();
            for (int step = 11; step <= last; step++) {
                net.train();
                assertEquals(ten.usedBytes(), memory.stats().usedBytes(), "in use after step " + step);
                assertEquals(ten.reservedBytes(), memory.stats().reservedBytes(), "reserved after step " + step);
            }
        }
        assertEquals(before, memory.stats().usedBytes());
    }

    private static final int REPEATED = 8; // every buffer has been used again by then

    /** Two runs give the same bits, and one on poisoned memory too; the loss falls to a fifth. */
    @OnEachPrecision
    void learnsAndRepeats(Device device) {
        float[] first = new float[40];
        try (SmallNet a = new SmallNet(device.backend(), 3, 6, 16);
                SmallNet b = new SmallNet(device.backend(), 3, 6, 16);
                SmallNet c = new SmallNet(new Guarded(device.backend()), 3, 6, 16)) {
            for (int i = 0; i < first.length; i++) {
                first[i] = a.train();
                if (i < REPEATED) {
                    assertEquals(first[i], b.train(), "step " + i);
                    assertEquals(first[i], c.train(), "step " + i + " on guarded memory");
                }
            }
        }
        assertTrue(first[39] < first[0] / 5, () -> first[0] + " to " + first[39]);
    }

    private static void steps(SmallNet net, int count) {
        for (int i = 0; i < count; i++) {
            net.train();
        }
    }
}
