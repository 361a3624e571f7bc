package ddpm.engine.backend.cuda.kernel;

import ddpm.engine.backend.BackendException;

/** A step that is being recorded launches a kernel that no step has launched before; the driver does not load one meanwhile. */
public final class KernelNotLoadedException extends BackendException {
    private static final long serialVersionUID = 1L;

    private final transient CudaKernel kernel;

    KernelNotLoadedException(CudaKernel kernel) {
        super("cuda: kernel " + kernel.name() + " is first met while a step is recorded", "", Instead.NO_GRAPHS);
        this.kernel = kernel;
    }

    public CudaKernel kernel() {
        return kernel;
    }
}
