package ddpm.diffusion.solver;

import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/** A solver's table applied to one value, in double: what the kernel computes, without its rounding. */
final class PlanInDouble {
    private final double[] slots = new double[Mix.SLOTS];

    /** A network: F of its input at a level. */
    @FunctionalInterface
    interface Network {
        double at(Level level, double input);
    }

    /** The network whose estimate of the image is this function of x. Needs b != 0. */
    static Network exact(Estimate estimate) {
        return (level, input) -> {
            double x = input / level.input();
            return (estimate.x0(level, x) - level.a() * x) / level.b();
        };
    }

    /** E[x_0 | x] at a level. */
    @FunctionalInterface
    interface Estimate {
        double x0(Level level, double x);
    }

    /** Pixels of N(mean, std^2): E[x_0 | x] = mean + signal std^2 / (signal^2 std^2 + noise^2) (x - signal mean). */
    static Estimate gaussian(double mean, double std) {
        return (l, x) -> mean
                + l.signal()
                        * std
                        * std
                        / (l.signal() * l.signal() * std * std + l.noise() * l.noise())
                        * (x - l.signal() * mean);
    }

    /** Pixels that are -1 or 1: E[x_0 | x] = tanh(signal x / noise^2). */
    static Estimate twoPoints() {
        return (l, x) -> Math.tanh(l.signal() * x / (l.noise() * l.noise()));
    }

    /** The last x of a chain from {@code x}. @param z noise of a stage by its place in the table */
    static double run(Plan plan, double x, Network network, IntToDoubleFunction z) {
        return new PlanInDouble().chain(plan, x, network, z);
    }

    /** Without noise. */
    static double run(Plan plan, double x, Network network) {
        return run(plan, x, network, stage -> 0);
    }

    private double chain(Plan plan, double start, Network network, IntToDoubleFunction z) {
        double x = start;
        for (int i = 0; i < plan.stages().size(); i++) {
            x = step(plan.stages().get(i), x, network, z.applyAsDouble(i));
        }
        return x;
    }

    private double step(Stage stage, double x, Network network, double z) {
        Level l = stage.level();
        double f = stage.evaluates() ? network.at(l, l.input() * x) : 0;
        DoubleUnaryOperator clip = v -> stage.clip().range() == 0
                ? v
                : Math.max(-stage.clip().range(), Math.min(stage.clip().range(), v));
        double x0 = clip.applyAsDouble(l.a() * x + l.b() * f);
        double next = sum(stage.next(), x0, x, f) + stage.sd() * z;
        double saved = stage.save() < 0 ? 0 : sum(stage.saved(), x0, x, f);
        if (stage.keep() >= 0) {
            slots[stage.keep()] = sum(stage.kept(), x0, x, f);
        }
        if (stage.save() >= 0) {
            slots[stage.save()] = saved;
        }
        return next;
    }

    private double sum(Mix mix, double x0, double x, double f) {
        double sum = mix.x0() * x0 + mix.x() * x + mix.f() * f;
        for (int i = 0; i < Mix.SLOTS; i++) {
            sum += mix.slot(i) * slots[i];
        }
        return sum;
    }
}
