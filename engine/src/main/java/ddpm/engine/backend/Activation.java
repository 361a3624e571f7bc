package ddpm.engine.backend;

/** What is done to each element of a result in the same pass over memory. */
public enum Activation {
    NONE,
    /** z * sigmoid(z). */
    SILU
}
