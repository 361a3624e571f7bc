package ddpm.train.run;

/** Somebody may want the training to end before its last step; see {@link StopSignals} for Ctrl-C. */
@FunctionalInterface
public interface StopRequest {
    /** Whether to stop after this step. Once true, it stays true. */
    boolean requested();
}
