package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import java.nio.file.Path;

/**
 * What the threads of kernels did, as the simulator counts it (Counts in kernels/src/sim/block.h): results do not tell
 * whether they came by needless work. Accesses count as the compiler splits them (a float4 may be four), in check mode; in
 * fast mode there are none.
 */
record Work(
        long globalReads, long globalWrites, long sharedReads, long sharedWrites, long barriers, long warpOperations) {

    /** Of all that is queued meanwhile. Ends the test as skipped on a real GPU. */
    static Work of(CudaDevice device, Runnable launches) {
        assumeTrue(device.name().contains("simulator"), "a GPU does not count");
        device.synchronize();
        take();
        launches.run();
        device.synchronize();
        return take();
    }

    private static Work take() {
        long[] counts = new long[6];
        Path library = Path.of(System.getenv("DDPM_CUDA_PATH"), "libcuda.so.1");
        NativeLibrary.getInstance(library.toString())
                .getFunction("cusim_take_counts")
                .invoke(new Object[] {counts});
        return new Work(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
    }

    /** So many accesses, where they are counted. */
    static long accesses(long count) {
        return "check".equals(System.getProperty("ddpm.cuda.run")) ? count : 0;
    }
}
