package ddpm.engine.backend.cuda;

/**
 * One of cuDNN's ways to compute a pass of a convolution.
 *
 * @param operands what it multiplies
 * @param number cuDNN's number of the algorithm within the pass
 * @param mathType cuDNN's number of the multiplying units
 */
record ConvAlgorithm(ConvOperands operands, int number, int mathType) {
    /**
     * What cuDNN says about an algorithm in a list of them.
     *
     * @param status why it cannot be used, 0 where it can
     * @param milliseconds measured by a search, estimated by the heuristics
     * @param workspaceBytes it needs
     * @param deterministic whether it gives the same bits every time
     */
    record Offer(int number, int mathType, int status, float milliseconds, long workspaceBytes, boolean deterministic) {
        /** Whether we may take it, with so much workspace. */
        boolean usable(long workspaceLimit) {
            return status == CudnnStatus.SUCCESS && deterministic && workspaceBytes <= workspaceLimit;
        }
    }
}
