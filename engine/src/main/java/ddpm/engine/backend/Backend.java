package ddpm.engine.backend;

/**
 * A device that computes: memory and a handful of families of kernels. Families compute into the buffers they are
 * given; they neither allocate results nor know about tensors. Not thread-safe.
 */
public interface Backend extends AutoCloseable {
    /** {@code cpu} or {@code cuda}. */
    String name();

    Precision precision();

    /**
     * How results that only products read (convolutions, linear layers, attention) are stored: FP32, or the precision to
     * which products would round them in memory of their own.
     */
    default Precision operands() {
        return Precision.FP32;
    }

    MemoryOps memory();

    ElementwiseOps elementwise();

    LayoutOps layout();

    ConvOps conv();

    PoolOps pool();

    MatmulOps matmul();

    NormOps norm();

    AttentionOps attention();

    RandomOps random();

    DiffusionOps diffusion();

    LabelOps label();

    LossOps loss();

    OptimizerOps optimizer();

    /**
     * Whether operations return before their work is done, in the order asked for: then it pays to ask for the next steps
     * before looking at the results of this one.
     */
    boolean asynchronous();

    /** A new recorder for bodies on this backend; close it before the backend. */
    Recorder recorder();

    /** A clock of this backend's work; close it before the backend. */
    default Clock clock() {
        return Clock.host();
    }

    /**
     * From now on tells of the pieces of every operation; null ends that. A backend whose operations are no sequence of
     * kernels tells nothing.
     */
    default void watch(Watch watch) {}

    /** Waits until everything asked for so far is computed. */
    void synchronize();

    @Override
    void close();
}
