package ddpm.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Seconds a step, of which those are refused that were measured while other processes used the cores. */
final class Samples {
    /** Shorter samples would measure the clock of /proc/stat, which ticks every 10 ms. */
    private static final double SHORTEST = 0.5;

    /** Share of the cores that others may use. */
    private static final double MOST_BY_OTHERS = 0.05;

    private static final int TRIES = 4; // per sample wanted

    private final int wanted;
    private final boolean force;
    private final Turn turn;
    private final Supplier<CoreTime> clock;
    private final List<Double> seconds = new ArrayList<>();
    private CoreTime began;
    private double others;
    private int refused;
    private int measured;

    /**
     * @param force take every sample, whatever other processes do
     * @param turn each sample that counts is one
     */
    Samples(int wanted, boolean force, Turn turn) {
        this(wanted, force, turn, CoreTime::now);
    }

    Samples(int wanted, boolean force, Turn turn, Supplier<CoreTime> clock) {
        this.wanted = wanted;
        this.force = force;
        this.turn = turn;
        this.clock = clock;
    }

    /** Steps that make a sample long enough. @param second of one step */
    static int steps(double second) {
        return (int) Math.max(1, Math.ceil(SHORTEST / second));
    }

    boolean complete() {
        return seconds.size() >= wanted;
    }

    void begin() {
        turn.await();
        began = clock.get();
    }

    /** @throws IllegalStateException when too many were refused */
    void end(int steps) {
        CoreTime ended = clock.get();
        double share = ended.othersSince(began);
        if (share > MOST_BY_OTHERS && !force) {
            refused++;
            if (refused > TRIES * wanted) {
                throw new IllegalStateException(String.format(
                        Locale.ROOT,
                        "refused %d samples: other processes used %.0f %% of the cores in the last; stop them, or measure"
                                + " all the same with --force",
                        refused,
                        100 * share));
            }
            return;
        }
        others = Math.max(others, share);
        measured += steps;
        seconds.add(ended.secondsSince(began) / steps);
        turn.handBack();
    }

    List<Double> seconds() {
        return seconds;
    }

    /** Steps in all samples. */
    int measured() {
        return measured;
    }

    /** Largest share of the cores that others used during a sample that counts. */
    double others() {
        return others;
    }

    int refused() {
        return refused;
    }
}
