package ddpm.engine.backend.cuda.driver;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.BackendException.Instead;
import java.util.Map;
import java.util.function.Supplier;

/** The driver's status codes as reasons with a remedy. */
public final class CudaStatus {
    public static final int SUCCESS = 0;
    static final int INVALID_VALUE = 1;
    public static final int OUT_OF_MEMORY = 2;
    static final int NO_DEVICE = 100;
    static final int CAPTURE_INVALIDATED = 901;

    private static final String CRASHED =
            "a kernel crashed, the GPU cannot be used by this process any more, please report";

    private static final Map<Integer, Reason> REASONS = Map.ofEntries(
            Map.entry(INVALID_VALUE, Reason.of("invalid value")),
            Map.entry(OUT_OF_MEMORY, Reason.of("out of memory", "use a smaller batch or close what else uses the GPU")),
            Map.entry(3, Reason.of("driver not initialised")),
            Map.entry(4, Reason.of("driver is shutting down")),
            Map.entry(
                    34,
                    Reason.of("only the driver's stub library is loaded", "take the stubs folder off LD_LIBRARY_PATH")),
            Map.entry(
                    NO_DEVICE,
                    new Reason("no NVIDIA GPU is visible", "check nvidia-smi and CUDA_VISIBLE_DEVICES", Instead.CPU)),
            Map.entry(101, Reason.of("no such GPU", "check nvidia-smi and CUDA_VISIBLE_DEVICES")),
            Map.entry(200, Reason.of("the kernels are not valid for this driver", "please report")),
            Map.entry(201, Reason.of("no valid context on this thread")),
            Map.entry(209, Reason.of("the kernels do not fit this GPU", "update the driver")),
            Map.entry(218, Reason.of("the driver cannot compile the kernels", "update the driver")),
            Map.entry(
                    221,
                    Reason.of(
                            "the driver's compiler (libnvidia-ptxjitcompiler.so.1) is missing",
                            "reinstall the driver")),
            Map.entry(222, Reason.of("the driver is too old for the kernels", "update the driver")),
            Map.entry(223, Reason.of("the driver may not compile the kernels", "unset CUDA_DISABLE_PTX_JIT")),
            Map.entry(304, Reason.of("the operating system refused", "check the permissions of /dev/nvidia*")),
            Map.entry(500, Reason.of("not found")),
            Map.entry(700, Reason.of("illegal memory access", CRASHED)),
            Map.entry(701, Reason.of("too many registers or threads for this GPU")),
            Map.entry(
                    702,
                    Reason.of(
                            "a kernel ran into the display's time limit",
                            "use a GPU without a display or a smaller batch")),
            Map.entry(715, Reason.of("illegal instruction", CRASHED)),
            Map.entry(716, Reason.of("misaligned address", CRASHED)),
            Map.entry(719, Reason.of("a launch failed", CRASHED)),
            Map.entry(800, Reason.of("not permitted on this GPU", "another process may use it exclusively")),
            Map.entry(801, Reason.of("not supported")),
            Map.entry(
                    802,
                    Reason.of("the GPU's system is not ready", "on servers with NVSwitch start nvidia-fabricmanager")),
            Map.entry(
                    803,
                    Reason.of(
                            "kernel module and driver library differ in version",
                            "restart the machine after the driver's update")),
            Map.entry(
                    804,
                    Reason.of(
                            "this driver library does not fit the installed driver on this GPU",
                            "remove cuda-compat from the path")),
            Map.entry(900, recording("not allowed while a graph is recorded")),
            Map.entry(CAPTURE_INVALIDATED, recording("an earlier call spoiled the graph being recorded")),
            Map.entry(902, recording("graphs merged while being recorded")),
            Map.entry(903, recording("graph recorded on another stream")),
            Map.entry(904, recording("work left the stream while a graph was recorded")),
            Map.entry(905, recording("work of another stream in a recorded graph")),
            Map.entry(906, recording("the default stream was used while a graph was recorded")),
            Map.entry(907, recording("an event of the recorded graph was used outside it")),
            Map.entry(908, recording("graph recorded by another thread")),
            Map.entry(999, Reason.of("unknown error", "check the system log for messages of the driver (NVRM)")));

    private CudaStatus() {}

    /** Steps that are not recorded do not meet it. */
    private static Reason recording(String problem) {
        return new Reason(problem, "", Instead.NO_GRAPHS);
    }

    /** @throws BackendException when the status is not success: what was done, why it failed, the remedy */
    public static void check(int status, String what) {
        if (status != SUCCESS) {
            throw reason(status).exception("cuda: " + what);
        }
    }

    /** As {@link #check(int, String)} where describing what was done costs time. */
    public static void check(int status, Supplier<String> what) {
        if (status != SUCCESS) {
            check(status, what.get());
        }
    }

    /** With the code. */
    public static Reason reason(int status) {
        Reason known = REASONS.get(status);
        return known == null ? Reason.of("status " + status + " of the driver") : known.withCode(status);
    }
}
