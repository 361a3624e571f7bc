package ddpm.diffusion;

import ddpm.config.Problems;
import java.util.Optional;

/** Which levels of noise a training draws, and how often. */
public interface TrainingTimes {
    /** The t of each row of a table from which rows are drawn with equal shares; a t may stand in several rows. */
    double[] rows(Schedule schedule);

    /** Whether the mean of the loss is the mean over all t, each counted once. */
    default boolean countsEveryT() {
        return false;
    }

    /** What makes the shares of a table's rows follow the losses; empty where they are equal. */
    default Optional<LossHistory> history(int rows) {
        return Optional.empty();
    }

    /** Adds what is wrong with its own settings. */
    default void check(Problems problems) {
        // most have none
    }
}
