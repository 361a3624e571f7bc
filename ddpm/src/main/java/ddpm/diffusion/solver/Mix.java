package ddpm.diffusion.solver;

import java.util.Arrays;

/**
 * A sum of what a stage has: the estimate x_0, x, the network's output F, and slots that earlier stages left. Its weights are
 * the row of a table that one kernel applies.
 */
public final class Mix {
    /** Slots that a solver may use. */
    public static final int SLOTS = 8;

    private final Level level;
    private double x0;
    private double x;
    private double f;
    private final double[] slots = new double[SLOTS];

    Mix(Level level) {
        this.level = level;
    }

    /** Adds the estimate of the image, after clipping. */
    Mix x0(double weight) {
        x0 += weight;
        return this;
    }

    Mix x(double weight) {
        x += weight;
        return this;
    }

    /** Adds the network's output. */
    Mix f(double weight) {
        f += weight;
        return this;
    }

    Mix slot(int slot, double weight) {
        slots[slot] += weight;
        return this;
    }

    /** Adds the noise that the network means, whatever the clipping makes of x_0: eps = (x - signal (a x + b F)) / noise. */
    Mix eps(double weight) {
        x += weight * (1 - level.signal() * level.a()) / level.noise();
        f -= weight * level.signal() * level.b() / level.noise();
        return this;
    }

    /** Adds the noise that leads from the clipped x_0 to x. */
    Mix clippedEps(double weight) {
        x += weight / level.noise();
        x0 -= weight * level.signal() / level.noise();
        return this;
    }

    /** Adds a multiple of another sum. */
    Mix plus(double weight, Mix other) {
        x0 += weight * other.x0;
        x += weight * other.x;
        f += weight * other.f;
        for (int i = 0; i < SLOTS; i++) {
            slots[i] += weight * other.slots[i];
        }
        return this;
    }

    /** Without clipping x_0 is a x + b F: in double, so that no large x_0 is rounded on the way. */
    void foldX0() {
        x += x0 * level.a();
        f += x0 * level.b();
        x0 = 0;
    }

    public double x0() {
        return x0;
    }

    public double x() {
        return x;
    }

    public double f() {
        return f;
    }

    public double slot(int i) {
        return slots[i];
    }

    /** Slots up to the last that has a weight. */
    int slotsUsed() {
        int used = 0;
        for (int i = 0; i < SLOTS; i++) {
            used = slots[i] != 0 ? i + 1 : used;
        }
        return used;
    }

    @Override
    public String toString() {
        return x0 + " x0 + " + x + " x + " + f + " F + " + Arrays.toString(slots);
    }
}
