package ddpm.engine.backend.cuda.nvidia;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.cuda.driver.Reason;
import java.util.Map;
import java.util.function.Supplier;

/** cuBLAS's status codes as reasons with a remedy. */
public final class CublasStatus {
    static final int SUCCESS = 0;

    private static final Map<Integer, Reason> REASONS = Map.of(
            1, Reason.of("not initialised", "the driver may be too old for this cuBLAS"),
            3, Reason.of("out of memory", "use a smaller batch or close what else uses the GPU"),
            7, Reason.of("an argument is wrong", "please report"),
            8, Reason.of("this cuBLAS does not support this GPU", "install the cuBLAS of another CUDA version"),
            11, Reason.of("memory could not be mapped"),
            13, Reason.of("the GPU failed", "what ran before on it may be the reason"),
            14, Reason.of("internal error of cuBLAS"),
            15, Reason.of("not supported by this cuBLAS on this GPU"),
            16, Reason.of("the licence of this cuBLAS does not allow it"));

    private CublasStatus() {}

    /** @throws BackendException when the status is not success: what was done, why it failed, the remedy */
    public static void check(int status, String what) {
        if (status != SUCCESS) {
            throw reason(status).exception("cuda: cuBLAS: " + what);
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
        return known == null ? Reason.of("status " + status) : known.withCode(status);
    }
}
