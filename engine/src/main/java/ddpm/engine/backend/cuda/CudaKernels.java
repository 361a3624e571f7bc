package ddpm.engine.backend.cuda;

import ddpm.engine.backend.BackendException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** The kernels of one PTX file on one GPU. The driver compiles them on the first load and keeps the result on disk. */
final class CudaKernels implements AutoCloseable {
    private final CudaDevice device;
    private final CUmodule module = new CUmodule();
    private final Map<String, KernelSignature> signatures;
    private final Map<String, CudaKernel> kernels = new HashMap<>();

    CudaKernels(CudaDevice device, String ptx) {
        this.device = device;
        this.signatures = KernelSignature.parse(ptx);
        device.makeCurrent();
        byte[] text = (ptx + '\0').getBytes(StandardCharsets.UTF_8);
        CudaStatus.check(JCudaDriver.cuModuleLoadData(module, text), "loading the kernels on " + device.name());
    }

    /** The file in the jar whose kernels suit the GPU. */
    static String file(CudaDevice device) {
        return device.capability() >= 80 ? "kernels-80.ptx" : "kernels-75.ptx";
    }

    /** How many there are, after asking the driver for each. */
    int findAll() {
        signatures.keySet().forEach(this::get);
        return signatures.size();
    }

    /** The kernels in the jar, those for tensor cores where the GPU has them. */
    static CudaKernels shipped(CudaDevice device) {
        String resource = "/ddpm/kernels/" + file(device);
        try (InputStream in = CudaKernels.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new BackendException(
                        "cuda: this build has no " + resource + "; make it as kernels/README.md says");
            }
            return new CudaKernels(device, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new BackendException("cuda: " + resource + " in the jar cannot be read; download it again", e);
        }
    }

    /** @throws BackendException naming the kernel when there is none of this name */
    CudaKernel get(String name) {
        return kernels.computeIfAbsent(name, this::find);
    }

    private CudaKernel find(String name) {
        KernelSignature signature = signatures.get(name);
        if (signature == null) {
            throw new BackendException("cuda: no kernel " + name + " among the " + signatures.size()
                    + " of this build; regenerate the PTX, see kernels/README.md");
        }
        CUfunction function = new CUfunction();
        Supplier<String> what = () -> "finding kernel " + name;
        CudaStatus.check(JCudaDriver.cuModuleGetFunction(function, module, name), what);
        return new CudaKernel(device, function, signature);
    }

    /** Unloads the kernels; nothing of them may be launched afterwards. */
    @Override
    public void close() {
        device.makeCurrent();
        CudaStatus.check(JCudaDriver.cuModuleUnload(module), "unloading the kernels");
    }
}
