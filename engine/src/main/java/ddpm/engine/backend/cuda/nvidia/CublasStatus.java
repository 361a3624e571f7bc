package ddpm.engine.backend.cuda.nvidia;

import ddpm.engine.backend.BackendException;
import java.util.Map;
import java.util.function.Supplier;

/** cuBLAS's status codes as sentences. */
public final class CublasStatus {
    static final int SUCCESS = 0;

    private static final Map<Integer, String> SENTENCES = Map.of(
            1, "not initialised; the driver may be too old for this cuBLAS",
            3, "out of memory; use a smaller batch or close what else uses the GPU",
            7, "an argument is wrong; please report",
            8, "this cuBLAS does not support this GPU; install the cuBLAS of another CUDA version",
            11, "memory could not be mapped",
            13, "the GPU failed; what ran before on it may be the reason",
            14, "internal error of cuBLAS",
            15, "not supported by this cuBLAS on this GPU",
            16, "the licence of this cuBLAS does not allow it");

    private CublasStatus() {}

    /** @throws BackendException when the status is not success: what was done, why it failed, the remedy */
    public static void check(int status, String what) {
        if (status != SUCCESS) {
            throw new BackendException("cuda: cuBLAS: " + what + ": " + sentence(status));
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
        return known == null ? "status " + status : known + " (status " + status + ")";
    }
}
