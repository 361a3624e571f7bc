package ddpm.engine.backend.cuda;

import ddpm.engine.backend.cuda.memory.CudaMemoryTest;
import ddpm.engine.testing.LaggingGpu;
import org.junit.jupiter.api.extension.ExtendWith;

/** Copies and the pool once more, on a GPU that lags behind. */
@ExtendWith(LaggingGpu.class)
class DeferredMemoryTest extends CudaMemoryTest {}
