package ddpm.engine.backend.cuda;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.load.CudaLibraries;
import ddpm.engine.backend.cuda.nvidia.CublasStatus;
import java.util.Optional;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcudnn.JCudnn;

/**
 * A GPU and the libraries for it, as this machine shows them before anything is computed.
 *
 * @param name of the GPU
 * @param capability ten times the compute capability: 75, 80, 90
 * @param processors streaming multiprocessors
 * @param freeBytes memory of the GPU that nobody uses
 * @param totalBytes memory of the GPU
 * @param driver the newest CUDA that the driver supports, such as 12.4
 * @param cublas version of cuBLAS, such as 12.6.4
 * @param cudnn version of cuDNN, such as 9.5.1
 */
public record CudaInfo(
        String name,
        int capability,
        int processors,
        long freeBytes,
        long totalBytes,
        String driver,
        String cublas,
        String cudnn) {
    /** What the simulator of kernels/src/sim calls itself. */
    private static final String SIMULATOR = "CUDA simulator";

    private static Optional<BackendException> reason;
    private static boolean simulator;

    /**
     * Loads the libraries and opens the first GPU.
     *
     * @throws BackendException why there is none to be used, and the remedy, in one sentence
     */
    public static CudaInfo examine() {
        CudaLibraries libraries = CudaLibraries.load();
        try (CudaDevice device = new CudaDevice(0)) {
            long[] memory = device.memory();
            return new CudaInfo(
                    device.name(),
                    device.capability(),
                    device.processors(),
                    memory[0],
                    memory[1],
                    CudaLibraries.name(libraries.driverVersion()),
                    cublasVersion(),
                    cudnnVersion());
        }
    }

    /**
     * The kernels of this build, loaded on the first GPU and unloaded again.
     *
     * @param count of kernels
     * @param compiled those that the jar holds compiled for this GPU; the driver compiles the others from PTX
     * @param micros until the driver had loaded all of them, µs
     */
    public record Kernels(int count, long compiled, double micros) {
        /** 63 compiled for this GPU; or 63 from PTX. */
        public String text() {
            if (compiled == count) {
                return count + " compiled for this GPU";
            }
            return compiled == 0
                    ? count + " from PTX"
                    : compiled + " compiled for this GPU, " + (count - compiled) + " from PTX";
        }
    }

    /** @throws BackendException why the driver refuses the kernels, and the remedy, in one sentence */
    public static Kernels loadKernels() {
        CudaLibraries.load();
        try (CudaDevice device = new CudaDevice(0)) {
            long start = System.nanoTime();
            try (CudaKernels kernels = CudaKernels.shipped(device)) {
                int count = kernels.loadAll();
                return new Kernels(count, kernels.compiled(), (System.nanoTime() - start) / 1e3);
            }
        }
    }

    /** Why the first GPU cannot be used; looked for once. Does not load the kernels. */
    public static synchronized Optional<BackendException> whyNot() {
        if (reason == null) {
            try {
                CudaLibraries.load();
                try (CudaDevice device = new CudaDevice(0)) {
                    simulator = device.name().equals(SIMULATOR);
                }
                reason = Optional.empty();
            } catch (BackendException e) {
                reason = Optional.of(e);
            }
        }
        return reason;
    }

    /** Whether the driver that was loaded is the tests' simulator; false where none was. */
    public static synchronized boolean simulated() {
        return whyNot().isEmpty() && simulator;
    }

    /** The capability as NVIDIA writes it: 8.0. */
    public String capabilityText() {
        return capability / 10 + "." + capability % 10;
    }

    private static String cublasVersion() {
        cublasHandle handle = new cublasHandle();
        CublasStatus.check(JCublas2.cublasCreate(handle), "opening");
        int[] version = {0};
        JCublas2.cublasGetVersion(handle, version);
        JCublas2.cublasDestroy(handle);
        return dotted(version[0], 10_000, 100);
    }

    private static String cudnnVersion() {
        return dotted(Math.toIntExact(JCudnn.cudnnGetVersion()), 10_000, 100);
    }

    private static String dotted(int version, int major, int minor) {
        return version / major + "." + version % major / minor + "." + version % minor;
    }
}
