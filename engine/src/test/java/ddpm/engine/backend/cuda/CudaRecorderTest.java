package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.OutOfMemoryException;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Recorded steps: when a body runs, what its replay does, and what no recording may do. */
@Tag("cuda")
class CudaRecorderTest {
    private static final long MIB = 1 << 20;

    private CudaDevice device;
    private CudaMemory memory;
    private CudaRecorder recorder;
    private Buffer in;
    private Buffer out;
    private int runs;

    @BeforeEach
    void open() {
        device = Gpu.device();
        memory = new CudaMemory(device);
        recorder = new CudaRecorder(device, memory, true, r -> {});
        memory.beforeTrim(recorder::dropAll);
        in = memory.allocate(1024);
        out = memory.allocate(1024);
    }

    @AfterEach
    void close() {
        if (memory != null) {
            recorder.close();
            memory.close();
        }
    }

    /** out = in, by way of memory of its own. */
    private void body() {
        runs++;
        Buffer own = memory.allocate(1024);
        memory.copy(1024, in, own);
        memory.copy(1024, own, out);
        memory.free(own);
    }

    /** Runs the step with a new input and checks its output. */
    private void step(Object key, int value) {
        memory.upload(new int[] {value, -value}, in);
        recorder.run(key, this::body);
        int[] got = new int[2];
        memory.download(out, got);
        assertArrayEquals(new int[] {value, -value}, got);
    }

    @Test
    void runsABodyTwiceAndThenReplaysIt() {
        for (int i = 1; i <= 6; i++) {
            step("a", i);
            assertEquals(Math.min(2, i), runs);
        }
        step("b", 7); // another key is another recording
        step("b", 8);
        step("b", 9);
        assertEquals(4, runs);
        assertEquals(2, recorder.size());
    }

    @Test
    void runsEveryBodyWithoutGraphs() {
        recorder = new CudaRecorder(device, memory, false, r -> {});
        for (int i = 1; i <= 4; i++) {
            step("a", i);
            assertEquals(i, runs);
        }
    }

    @Test
    void recordsAgainWhenItsMemoryWentToSomebodyElse() {
        step("a", 1);
        step("a", 2);
        Buffer mine = memory.allocate(1024); // the block that the recording wrote to
        memory.fill(256, 5, mine);
        step("a", 3);
        assertEquals(3, runs);
        float[] kept = new float[256];
        memory.download(mine, kept);
        for (float v : kept) {
            assertEquals(5, v);
        }
        step("a", 4);
        assertEquals(3, runs);
    }

    @Test
    void recordsAgainWhenItsInputWasFreedAndHandedOutAgain() {
        step("a", 1);
        step("a", 2);
        memory.free(in);
        in = memory.allocate(1024); // the same address, another tensor
        step("a", 3);
        assertEquals(3, runs);
    }

    @Test
    void recordsAgainAfterATrim() {
        step("a", 1);
        step("a", 2);
        memory.trim();
        assertEquals(0, recorder.size());
        step("a", 3);
        step("a", 4);
        assertEquals(3, runs);
    }

    @Test
    void asksForMoreMemoryWhileItRecords() {
        recorder.run("a", () -> {});
        recorder.run("a", () -> {
            Buffer fresh = memory.allocate(1 << 20);
            memory.fill(256, 3, fresh);
            memory.copy(1024, fresh, out);
            memory.free(fresh);
        });
        float[] got = new float[256];
        memory.download(out, got);
        assertEquals(3, got[255]);
    }

    @Test
    void refusesWhatNoReplayWouldRepeat() {
        refuses("upload", () -> memory.upload(new int[1], in));
        refuses("download", () -> memory.download(in, new int[1]));
        refuses("synchronize", device::synchronize);
        refuses("allocateHost", () -> memory.allocateHost(1));
        refuses("trim", memory::trim);
        refuses("Recorder.run", () -> recorder.run("inner", () -> {}));
    }

    private void refuses(String method, Runnable call) {
        recorder.run(method, () -> {});
        BackendException e = assertThrows(BackendException.class, () -> recorder.run(method, call));
        assertEquals(
                "cuda: " + method + " while a step is recorded, which no replay would repeat; call it outside"
                        + " Recorder.run, or compute without graphs",
                e.getMessage());
        step("after " + method, 1); // the stream works as before
        step("after " + method, 2);
    }

    @Test
    void refusesMemoryThatOutlivesTheStepOrThatItDoesNotOwn() {
        recorder.run("keeps", () -> {});
        Buffer[] kept = new Buffer[1];
        BackendException keeps = assertThrows(
                BackendException.class, () -> recorder.run("keeps", () -> kept[0] = memory.allocate(1000)));
        assertTrue(
                keeps.getMessage().startsWith("cuda: a recorded step keeps 1024 bytes that it allocated"),
                keeps::toString);
        memory.free(kept[0]);

        recorder.run("frees", () -> {});
        BackendException frees =
                assertThrows(BackendException.class, () -> recorder.run("frees", () -> memory.free(in)));
        assertTrue(
                frees.getMessage().startsWith("cuda: a recorded step freed 1024 bytes that it did not allocate"),
                frees::toString);
        step("after", 1);
    }

    @Test
    void anErrorInTheBodyEndsTheRecording() {
        recorder.run("a", () -> {});
        assertThrows(
                IllegalStateException.class,
                () -> recorder.run("a", () -> {
                    body();
                    throw new IllegalStateException("of the body");
                }));
        step("a", 1);
        step("a", 2);
    }

    /** The pool's free blocks cannot go back while the step is recorded: that is given up, and begun anew without them. */
    @Test
    void recordsAgainWithAnEmptyPoolWhenMemoryRunsOutMeanwhile() {
        recorder.close();
        memory.close();
        memory = new CudaMemory(device, 16 * MIB);
        recorder = new CudaRecorder(device, memory, true, r -> {});
        memory.beforeTrim(recorder::dropAll);
        in = memory.allocate(1024);
        out = memory.allocate(1024);
        Runnable body = () -> {
            body();
            memory.free(memory.allocate(9 * MIB));
        };
        recorder.run("a", body);
        memory.trim();
        memory.free(memory.allocate(11 * MIB)); // stays in the pool, where 9 do not fit beside it
        memory.upload(new int[] {7}, in);
        recorder.run("a", body);
        assertEquals(3, runs, "plain, given up, recorded");
        int[] got = {0};
        memory.download(out, got);
        assertEquals(7, got[0]);

        recorder.run("b", this::body);
        assertThrows(OutOfMemoryException.class, () -> recorder.run("b", () -> memory.allocate(17 * MIB)));
        step("c", 1);
        step("c", 2);
    }

    @Test
    void takesNothingAfterItsEnd() {
        recorder.close();
        recorder.close();
        BackendException e = assertThrows(BackendException.class, () -> recorder.run("a", this::body));
        assertEquals("cuda: Recorder.run after close", e.getMessage());
    }
}
