package ddpm.evaluate.likelihood;

import ddpm.diffusion.Variance;
import ddpm.diffusion.likelihood.BoundEstimate.Value;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The variational bound of a model on held-out images, and its errors by t.
 *
 * @param images that it was asked for
 * @param timesteps T
 * @param told whether the model was told what they show
 * @param variance of its steps
 * @param clipped whether its estimates of the image are clipped to -1 .. 1
 * @param preserving whether signal^2 + noise^2 = 1
 * @param bits per dimension, the whole bound
 * @param prior the term of T
 * @param ranges of t, which together are all; the first is t = 0 alone
 * @param seconds that asking took
 */
public record Likelihood(
        int images,
        int timesteps,
        boolean told,
        Variance variance,
        boolean clipped,
        boolean preserving,
        Value bits,
        double prior,
        List<Range> ranges,
        double seconds) {
    /**
     * Neighbouring t.
     *
     * @param from the least   @param to the greatest
     * @param bits of all of them together
     * @param loss mean squared error of the network's output, the mean over them
     * @param fromItself the same of the best formula that guesses each value from itself
     * @param fromAll of the best linear formula; NaN where it is not known
     */
    public record Range(int from, int to, Value bits, Value loss, double fromItself, double fromAll) {
        /** How many t. */
        public int length() {
            return to - from + 1;
        }

        /** The middle t. */
        public double middle() {
            return (from + to) / 2.0;
        }

        /** The better of the two formulas that is known. */
        public double formula() {
            return Double.isNaN(fromAll) ? fromItself : fromAll;
        }
    }

    /** Whether every t was asked. */
    public boolean everyT() {
        return ranges.size() == timesteps;
    }

    /** Calls of the network for an image. */
    public int calls() {
        return ranges.size();
    }

    /** The term of t = 0: the levels of the image once nearly all noise is gone. */
    public double last() {
        return ranges.get(0).bits().mean();
    }

    /** The terms of t = 1 to T-1. */
    public double between() {
        return bits.mean() - last() - prior;
    }

    /** Whether the best linear formula is known, and not only the one that guesses each value from itself. */
    public boolean matrix() {
        return !Double.isNaN(ranges.get(0).fromAll());
    }

    /** The mean over all t of an error. */
    public double mean(ToDoubleFunction<Range> error) {
        return ranges.stream()
                        .mapToDouble(r -> r.length() * error.applyAsDouble(r))
                        .sum()
                / timesteps;
    }
}
