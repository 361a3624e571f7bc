package ddpm.engine.backend.cuda.nvidia;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.cuda.driver.Reason;
import java.util.Map;
import java.util.function.Supplier;

/**
 * cuDNN 9's status codes as reasons with a remedy. JCudnn's constants are those of cuDNN 8: another numbering. The thousands of a code
 * say the kind of error, the rest the reason; a reason not listed here is described by its kind.
 */
public final class CudnnStatus {
    public static final int SUCCESS = 0;

    private static final int KIND = 1000;
    private static final int BAD_ARGUMENT = 2;
    private static final int NOT_SUPPORTED = 3;
    private static final int INTERNAL_ERROR = 4;

    private static final Map<Integer, Reason> KINDS = Map.of(
            1,
            Reason.of("not ready"),
            BAD_ARGUMENT,
            Reason.of("an argument is wrong", "please report"),
            NOT_SUPPORTED,
            Reason.of("not supported by this cuDNN on this GPU"),
            INTERNAL_ERROR,
            Reason.of("internal error of cuDNN"),
            5,
            Reason.of("the GPU failed", "what ran before on it may be the reason"));

    private static final Map<Integer, Reason> REASONS = Map.ofEntries(
            Map.entry(1001, Reason.of("not initialised", "the driver may be too old for this cuDNN")),
            Map.entry(
                    1002,
                    Reason.of(
                            "parts of cuDNN of different versions are installed",
                            "install one version of all of them")),
            Map.entry(1003, Reason.of("something was stored by another version of cuDNN", "please report")),
            Map.entry(1004, Reason.of("this cuDNN has dropped the call", "install an older cuDNN 9")),
            Map.entry(1005, Reason.of("the licence of this cuDNN does not allow it", "install cuDNN 9 from NVIDIA")),
            Map.entry(1006, Reason.of("still running")),
            Map.entry(1007, Reason.of("a number was too large for the arithmetic")),
            Map.entry(1008, Reason.of("a part of cuDNN (libcudnn_*.so.9) cannot be loaded", "install all of cuDNN 9")),
            Map.entry(2002, Reason.of("a null pointer was passed", "please report")),
            Map.entry(2003, Reason.of("memory is not aligned", "please report")),
            Map.entry(2005, Reason.of("a number is out of bounds", "please report")),
            Map.entry(2006, Reason.of("the workspace is too small", "please report")),
            Map.entry(2008, Reason.of("the shapes do not fit together", "please report")),
            Map.entry(3002, Reason.of("this shape is not supported by this cuDNN on this GPU")),
            Map.entry(3003, Reason.of("this data type is not supported by this cuDNN on this GPU")),
            Map.entry(3004, Reason.of("this layout is not supported by this cuDNN on this GPU")),
            Map.entry(3005, Reason.of("the driver is too old for this cuDNN", "update the driver")),
            Map.entry(
                    3006,
                    Reason.of("the CUDA runtime does not fit this cuDNN", "install the cuDNN of your CUDA version")),
            Map.entry(
                    3007,
                    Reason.of("this cuDNN does not support this GPU any more or not yet", "install another cuDNN 9")),
            Map.entry(
                    3008,
                    Reason.of("a library that cuDNN needs is missing", "install all of CUDA's runtime libraries")),
            Map.entry(3009, Reason.of("a part of cuDNN (libcudnn_*.so.9) is missing", "install all of cuDNN 9")),
            Map.entry(3010, Reason.of("this GPU has too little shared memory for it")),
            Map.entry(3011, Reason.of("this padding is not supported by this cuDNN on this GPU")),
            Map.entry(4001, Reason.of("cuDNN could not compile a kernel", "install NVRTC of the same CUDA")),
            Map.entry(4003, Reason.of("no memory left on the host", "close other programs")),
            Map.entry(
                    4004,
                    Reason.of("out of memory on the GPU", "use a smaller batch or close what else uses the GPU")));

    private CudnnStatus() {}

    /** @throws BackendException when the status is not success: what was done, why it failed, the remedy */
    public static void check(int status, String what) {
        if (status != SUCCESS) {
            throw reason(status).exception("cuda: cuDNN: " + what);
        }
    }

    /** As {@link #check(int, String)} where describing what was done costs time. */
    public static void check(int status, Supplier<String> what) {
        if (status != SUCCESS) {
            check(status, what.get());
        }
    }

    /** Whether cuDNN knows the request but has no way to do it, here or at all. */
    public static boolean isNotSupported(int status) {
        return status / KIND == NOT_SUPPORTED;
    }

    /** Whether one algorithm cannot do it: it is not supported, or cuDNN failed before anything ran on the GPU. */
    public static boolean isRefusal(int status) {
        return isNotSupported(status) || status / KIND == INTERNAL_ERROR;
    }

    /** Whether cuDNN does not know what an argument says. */
    public static boolean isBadArgument(int status) {
        return status / KIND == BAD_ARGUMENT;
    }

    /** With the code. */
    public static Reason reason(int status) {
        Reason known = REASONS.getOrDefault(status, KINDS.get(status / KIND));
        return known == null ? Reason.of("status " + status) : known.withCode(status);
    }
}
