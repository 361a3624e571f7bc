package ddpm.engine.backend.cuda;

import ddpm.engine.testing.LaggingGpu;
import org.junit.jupiter.api.extension.ExtendWith;

/** Recorded steps once more, on a GPU that lags behind. */
@ExtendWith(LaggingGpu.class)
class DeferredRecorderTest extends CudaRecorderTest {}
