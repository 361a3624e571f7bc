package ddpm.engine.backend.cuda.driver;

import ddpm.engine.backend.BackendException;
import java.util.Map;
import java.util.function.Supplier;

/** The driver's status codes as sentences with a remedy. */
public final class CudaStatus {
    public static final int SUCCESS = 0;
    static final int INVALID_VALUE = 1;
    public static final int OUT_OF_MEMORY = 2;
    static final int NO_DEVICE = 100;
    static final int CAPTURE_INVALIDATED = 901;

    private static final String CRASHED =
            "; a kernel crashed, the GPU cannot be used by this process any more, please report";
    private static final String CAPTURE = "; run with --no-graph";

    private static final Map<Integer, String> SENTENCES = Map.ofEntries(
            Map.entry(INVALID_VALUE, "invalid value"),
            Map.entry(OUT_OF_MEMORY, "out of memory; use a smaller batch or close what else uses the GPU"),
            Map.entry(3, "driver not initialised"),
            Map.entry(4, "driver is shutting down"),
            Map.entry(34, "only the driver's stub library is loaded; take the stubs folder off LD_LIBRARY_PATH"),
            Map.entry(
                    NO_DEVICE,
                    "no NVIDIA GPU is visible; check nvidia-smi and CUDA_VISIBLE_DEVICES, or run with --device cpu"),
            Map.entry(101, "no such GPU; check nvidia-smi and CUDA_VISIBLE_DEVICES"),
            Map.entry(200, "the kernels are not valid for this driver; please report"),
            Map.entry(201, "no valid context on this thread"),
            Map.entry(209, "the kernels do not fit this GPU; update the driver"),
            Map.entry(218, "the driver cannot compile the kernels; update the driver"),
            Map.entry(221, "the driver's compiler (libnvidia-ptxjitcompiler.so.1) is missing; reinstall the driver"),
            Map.entry(222, "the driver is too old for the kernels; update the driver"),
            Map.entry(223, "the driver may not compile the kernels; unset CUDA_DISABLE_PTX_JIT"),
            Map.entry(304, "the operating system refused; check the permissions of /dev/nvidia*"),
            Map.entry(500, "not found"),
            Map.entry(700, "illegal memory access" + CRASHED),
            Map.entry(701, "too many registers or threads for this GPU"),
            Map.entry(
                    702, "a kernel ran into the display's time limit; use a GPU without a display or a smaller batch"),
            Map.entry(715, "illegal instruction" + CRASHED),
            Map.entry(716, "misaligned address" + CRASHED),
            Map.entry(719, "a launch failed" + CRASHED),
            Map.entry(800, "not permitted on this GPU; another process may use it exclusively"),
            Map.entry(801, "not supported"),
            Map.entry(802, "the GPU's system is not ready; on servers with NVSwitch start nvidia-fabricmanager"),
            Map.entry(
                    803,
                    "kernel module and driver library differ in version; restart the machine after the driver's update"),
            Map.entry(
                    804,
                    "this driver library does not fit the installed driver on this GPU; remove cuda-compat from the path"),
            Map.entry(900, "not allowed while a graph is recorded" + CAPTURE),
            Map.entry(CAPTURE_INVALIDATED, "an earlier call spoiled the graph being recorded" + CAPTURE),
            Map.entry(902, "graphs merged while being recorded" + CAPTURE),
            Map.entry(903, "graph recorded on another stream" + CAPTURE),
            Map.entry(904, "work left the stream while a graph was recorded" + CAPTURE),
            Map.entry(905, "work of another stream in a recorded graph" + CAPTURE),
            Map.entry(906, "the default stream was used while a graph was recorded" + CAPTURE),
            Map.entry(907, "an event of the recorded graph was used outside it" + CAPTURE),
            Map.entry(908, "graph recorded by another thread" + CAPTURE),
            Map.entry(999, "unknown error; check the system log for messages of the driver (NVRM)"));

    private CudaStatus() {}

    /** @throws BackendException when the status is not success: what was done, why it failed, the remedy */
    public static void check(int status, String what) {
        if (status != SUCCESS) {
            throw new BackendException("cuda: " + what + ": " + sentence(status));
        }
    }

    /** As {@link #check(int, String)} where describing what was done costs time. */
    public static void check(int status, Supplier<String> what) {
        if (status != SUCCESS) {
            check(status, what.get());
        }
    }

    /** Reason and remedy. */
    public static String sentence(int status) {
        String known = SENTENCES.get(status);
        return known == null ? "status " + status + " of the driver" : known + " (status " + status + ")";
    }
}
