package ddpm.engine.backend.cuda.conv;

/** A pass of a convolution with a way to compute it, ready to run. */
sealed interface ConvPlan extends AutoCloseable permits CudnnPlan, UnfoldedPlan {
    ConvAlgorithm algorithm();

    /** Queues the pass: its result is overwritten. @param t of the algorithm's operands */
    void run(ConvTensors t);

    @Override
    void close();
}
