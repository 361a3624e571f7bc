package ddpm.engine.backend.cuda.nvidia;

import ddpm.engine.backend.BackendException;
import java.util.Map;
import java.util.function.Supplier;

/**
 * cuDNN 9's status codes as sentences. JCudnn's constants are those of cuDNN 8: another numbering. The thousands of a code
 * say the kind of error, the rest the reason; a reason not listed here is described by its kind.
 */
public final class CudnnStatus {
    public static final int SUCCESS = 0;

    private static final int KIND = 1000;
    private static final int BAD_ARGUMENT = 2;
    private static final int NOT_SUPPORTED = 3;
    private static final int INTERNAL_ERROR = 4;

    private static final Map<Integer, String> KINDS = Map.of(
            1,
            "not ready",
            BAD_ARGUMENT,
            "an argument is wrong; please report",
            NOT_SUPPORTED,
            "not supported by this cuDNN on this GPU",
            INTERNAL_ERROR,
            "internal error of cuDNN",
            5,
            "the GPU failed; what ran before on it may be the reason");

    private static final Map<Integer, String> SENTENCES = Map.ofEntries(
            Map.entry(1001, "not initialised; the driver may be too old for this cuDNN"),
            Map.entry(1002, "parts of cuDNN of different versions are installed; install one version of all of them"),
            Map.entry(1003, "something was stored by another version of cuDNN; please report"),
            Map.entry(1004, "this cuDNN has dropped the call; install an older cuDNN 9"),
            Map.entry(1005, "the licence of this cuDNN does not allow it; install cuDNN 9 from NVIDIA"),
            Map.entry(1006, "still running"),
            Map.entry(1007, "a number was too large for the arithmetic"),
            Map.entry(1008, "a part of cuDNN (libcudnn_*.so.9) cannot be loaded; install all of cuDNN 9"),
            Map.entry(2002, "a null pointer was passed; please report"),
            Map.entry(2003, "memory is not aligned; please report"),
            Map.entry(2005, "a number is out of bounds; please report"),
            Map.entry(2006, "the workspace is too small; please report"),
            Map.entry(2008, "the shapes do not fit together; please report"),
            Map.entry(3002, "this shape is not supported by this cuDNN on this GPU"),
            Map.entry(3003, "this data type is not supported by this cuDNN on this GPU"),
            Map.entry(3004, "this layout is not supported by this cuDNN on this GPU"),
            Map.entry(3005, "the driver is too old for this cuDNN; update the driver"),
            Map.entry(3006, "the CUDA runtime does not fit this cuDNN; install the cuDNN of your CUDA version"),
            Map.entry(3007, "this cuDNN does not support this GPU any more or not yet; install another cuDNN 9"),
            Map.entry(3008, "a library that cuDNN needs is missing; install all of CUDA's runtime libraries"),
            Map.entry(3009, "a part of cuDNN (libcudnn_*.so.9) is missing; install all of cuDNN 9"),
            Map.entry(3010, "this GPU has too little shared memory for it"),
            Map.entry(3011, "this padding is not supported by this cuDNN on this GPU"),
            Map.entry(4001, "cuDNN could not compile a kernel; install NVRTC of the same CUDA"),
            Map.entry(4003, "no memory left on the host; close other programs"),
            Map.entry(4004, "out of memory on the GPU; use a smaller batch or close what else uses the GPU"));

    private CudnnStatus() {}

    /** @throws BackendException when the status is not success: what was done, why it failed, the remedy */
    public static void check(int status, String what) {
        if (status != SUCCESS) {
            throw new BackendException("cuda: cuDNN: " + what + ": " + sentence(status));
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

    /** Reason and remedy. */
    public static String sentence(int status) {
        String known = SENTENCES.getOrDefault(status, KINDS.get(status / KIND));
        return known == null ? "status " + status : known + " (status " + status + ")";
    }
}
