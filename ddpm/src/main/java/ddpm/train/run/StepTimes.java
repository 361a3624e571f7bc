package ddpm.train.run;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * What a step takes, by those that were timed lately. Left out are the slow ones at the beginning, while the virtual
 * machine compiles and memory is touched for the first time. The rest is averaged and not reduced to its median, since a
 * neighbour who takes a core every now and then will go on doing so; a standstill counts as {@link #STALL} steps.
 */
final class StepTimes {
    private static final double RECENT_SECONDS = 180;
    private static final int BLOCK = 5;
    /** The beginning is over where a block of steps takes no longer than so many times what steps take later. */
    private static final double STEADY = 1.3;

    private static final double STALL = 4;
    /** Fewer tell nothing about whether they still become faster. */
    static final int SETTLED_AFTER = 50;

    private final Deque<Timed> recent = new ArrayDeque<>();
    private double recentSeconds;
    private double seconds;
    private long steps;
    private boolean whole = true; // recent has the first step

    /** Steps that were asked for at once. */
    private record Timed(int count, double seconds) {
        double each() {
            return seconds / count;
        }
    }

    void add(int count, double taken) {
        recent.addLast(new Timed(count, taken));
        recentSeconds += taken;
        seconds += taken;
        steps += count;
        while (recentSeconds - recent.getFirst().seconds() > RECENT_SECONDS) {
            recentSeconds -= recent.removeFirst().seconds();
            whole = false;
        }
    }

    /** Of all steps, the slow ones included. */
    double seconds() {
        return seconds;
    }

    long steps() {
        return steps;
    }

    /** Seconds; at least one step was timed. */
    double perStep() {
        Timed[] all = recent.toArray(Timed[]::new);
        double usual = median(all, all.length / 2, all.length);
        double sum = 0;
        long count = 0;
        for (int i = whole ? steady(all, usual) : 0; i < all.length; i++) {
            sum += Math.min(all[i].each(), STALL * usual) * all[i].count();
            count += all[i].count();
        }
        return sum / count;
    }

    /** Whether steps no longer become faster: of three parts of them the last is hardly faster than the one before. */
    boolean settled() {
        Timed[] all = recent.toArray(Timed[]::new);
        int third = all.length / 3;
        return all.length >= SETTLED_AFTER
                && median(all, all.length - third, all.length)
                        > 0.93 * median(all, all.length - 2 * third, all.length - third);
    }

    private static int steady(Timed[] all, double usual) {
        int i = 0;
        while (i < all.length - 1
                && Math.max(all[i].each(), median(all, i, Math.min(i + BLOCK, all.length))) > STEADY * usual) {
            i++;
        }
        return i;
    }

    /** Of the times from one step to before another; the greater of two in the middle. */
    private static double median(Timed[] all, int from, int to) {
        double[] each =
                Arrays.stream(all, from, to).mapToDouble(Timed::each).sorted().toArray();
        return each[each.length / 2];
    }
}
