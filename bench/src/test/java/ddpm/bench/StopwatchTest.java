package ddpm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Backend;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.Arrays;

class StopwatchTest {
    private int runs;

    /** One time per run, of the run alone, and no memory is kept. */
    @OnEachDevice
    void timesEveryRun(Device device) {
        Backend backend = device.backend();
        long used = backend.memory().stats().usedBytes();
        double[] seconds = Stopwatch.seconds(backend, 1 << 20, this::run);
        assertEquals(backend.asynchronous() ? 20 : 1, seconds.length);
        assertEquals(seconds.length, runs);
        assertTrue(Arrays.stream(seconds).allMatch(s -> s > 1e-3 && s < 10), () -> Arrays.toString(seconds));
        assertEquals(used, backend.memory().stats().usedBytes());
    }

    private void run() {
        runs++;
        try {
            Thread.sleep(2);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
