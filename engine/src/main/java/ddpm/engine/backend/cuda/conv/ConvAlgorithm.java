package ddpm.engine.backend.cuda.conv;

import ddpm.engine.backend.cuda.nvidia.CudnnStatus;

/**
 * One of the ways to compute a pass of a convolution: cuDNN's, or our own.
 *
 * @param operands what it multiplies
 * @param number cuDNN's number of the algorithm within the pass; {@link #UNFOLD} for ours
 * @param mathType cuDNN's number of the multiplying units
 */
public record ConvAlgorithm(ConvOperands operands, int number, int mathType) {
    /** Not cuDNN's: {@link UnfoldedPlan}. */
    static final int UNFOLD = -1;

    static ConvAlgorithm unfolded(ConvOperands operands) {
        return new ConvAlgorithm(operands, UNFOLD, operands.mathType());
    }

    public boolean unfolds() {
        return number == UNFOLD;
    }

    @Override
    public String toString() {
        return unfolds() ? "unfold and cuBLAS, " + operands : number + " of cuDNN, " + operands + ", math " + mathType;
    }

    /**
     * What cuDNN says about an algorithm in a list of them. Where it cannot be used, only number and status mean anything.
     *
     * @param status why it cannot be used, 0 where it can
     * @param milliseconds measured by a search, estimated by the heuristics
     * @param workspaceBytes it needs
     * @param deterministic whether it gives the same bits every time
     */
    public record Offer(
            int number, int mathType, int status, float milliseconds, long workspaceBytes, boolean deterministic) {
        /** Whether it runs with so much workspace. */
        boolean runs(long workspaceLimit) {
            return status == CudnnStatus.SUCCESS && workspaceBytes >= 0 && workspaceBytes <= workspaceLimit;
        }

        /** Whether we may take it, with so much workspace. */
        boolean usable(long workspaceLimit) {
            return deterministic && runs(workspaceLimit);
        }
    }
}
