package ddpm.engine.backend.cuda.kernel;

import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.driver.CudaStatus;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import jcuda.driver.JCudaDriver;

/**
 * The kernels of one build on one GPU. Each is loaded when it is first launched: a step waits for those that it launches.
 * The driver compiles what comes as PTX and keeps the result on disk.
 */
public final class CudaKernels implements AutoCloseable {
    private final CudaDevice device;
    private final KernelCode code;
    private final Map<String, CudaKernel> kernels = new TreeMap<>();

    public CudaKernels(CudaDevice device, KernelCode code) {
        this.device = device;
        this.code = code;
    }

    /** The kernels in the jar, those for tensor cores where the GPU has them, compiled ones where the driver takes them. */
    public static CudaKernels shipped(CudaDevice device) {
        int[] driver = {0};
        CudaStatus.check(JCudaDriver.cuDriverGetVersion(driver), "asking for the driver's version");
        return new CudaKernels(device, KernelCode.shipped(device.capability(), driver[0]));
    }

    /** How many ship, after the driver has loaded each. */
    public int loadAll() {
        code.names().forEach(name -> get(name).load());
        return code.names().size();
    }

    /** How many of those that are loaded came compiled; the driver compiled the others. */
    public long compiled() {
        return kernels.values().stream().filter(CudaKernel::compiled).count();
    }

    /** The kernels asked for so far. */
    public Set<String> asked() {
        return kernels.keySet();
    }

    /** Those of them that a launch has loaded. */
    public Set<String> loaded() {
        Set<String> names = new TreeSet<>(kernels.keySet());
        names.removeIf(name -> !kernels.get(name).loaded());
        return names;
    }

    /**
     * A kernel, which its first launch loads.
     *
     * @throws ddpm.engine.backend.BackendException naming the kernel when there is none of this name
     */
    public CudaKernel get(String name) {
        return kernels.computeIfAbsent(name, n -> {
            code.require(n);
            return new CudaKernel(device, n, code);
        });
    }

    /** Unloads the kernels; nothing of them may be launched afterwards. */
    @Override
    public void close() {
        device.makeCurrent();
        kernels.values().forEach(CudaKernel::unload);
    }
}
