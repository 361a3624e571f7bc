package ddpm.engine.backend.cuda;

import ddpm.engine.testing.SimulatorOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Recorded steps once more, on a GPU that lags behind. */
class DeferredRecorderTest extends CudaRecorderTest {
    private SimulatorOption deferred;

    @BeforeEach
    void fallBehind() {
        deferred = SimulatorOption.deferred(1);
    }

    @AfterEach
    void catchUp() {
        if (deferred != null) {
            deferred.close();
        }
    }
}
