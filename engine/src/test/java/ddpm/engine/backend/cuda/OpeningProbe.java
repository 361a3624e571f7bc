package ddpm.engine.backend.cuda;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.driver.CudaStatus;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;

/** A process that opens the backend, on a machine where that fails, and says whether the GPU's context is still open. */
public final class OpeningProbe {
    private OpeningProbe() {}

    /** @param args the precision */
    public static void main(String[] args) {
        try (CudaBackend opened = new CudaBackend(Precision.valueOf(args[0]))) {
            System.out.println("opened " + opened.name());
        } catch (BackendException e) {
            System.out.println(e.getMessage().lines().findFirst().orElse(""));
        }
        int[] flags = {0};
        int[] active = {-1};
        CUdevice device = new CUdevice();
        CudaStatus.check(JCudaDriver.cuDeviceGet(device, 0), "opening");
        CudaStatus.check(JCudaDriver.cuDevicePrimaryCtxGetState(device, flags, active), "asking");
        System.out.println("open contexts " + active[0]);
    }
}
