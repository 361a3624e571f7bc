package ddpm.engine.backend.cuda;

import java.util.List;

/**
 * The same job done by kernel after kernel, from the naive one to the one that ships, on data made once; see
 * kernels/ladder/README.md.
 */
public interface Ladder extends AutoCloseable {
    /**
     * One kernel of the ladder.
     *
     * @param name of its file without the ending, or of what ships
     * @param run queues the job on the GPU
     * @param roundings bound of the error in units of U times {@link Result#scale}: the longest chain of additions
     */
    record Step(String name, Runnable run, double roundings) {}

    /**
     * What a step should have given and what it gave.
     *
     * @param want from a reference in double
     * @param got from the GPU
     * @param scale of each value: the sum of the absolute values of the terms added up
     */
    record Result(double[] want, float[] got, double[] scale) {
        /** Largest error as a multiple of the bound; at most 1 when the step is right. */
        double worst(double roundings) {
            double worst = 0;
            for (int i = 0; i < want.length; i++) {
                double allowed = 0x1p-24 * roundings * scale[i];
                double ratio = got[i] == want[i] ? 0 : Math.abs(got[i] - want[i]) / allowed;
                if (!(ratio <= worst)) {
                    worst = Double.isNaN(ratio) ? Double.POSITIVE_INFINITY : ratio;
                }
            }
            return worst;
        }
    }

    /** Job and size, as printed above the steps. */
    String title();

    /** In the order in which they teach. */
    List<Step> steps();

    /** Runs a step on fresh results, all NaN, and waits for it. */
    Result result(Step step);

    /** Whether the step keeps within its bound. */
    default boolean isRight(Step step) {
        return result(step).worst(step.roundings()) <= 1;
    }

    /** Bytes that must move, each operand once. */
    double bytes();

    /** Additions and multiplications that must be done. */
    double flop();

    @Override
    void close();
}
