package ddpm.diffusion.solver;

import ddpm.diffusion.Schedule;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Which t a sampler visits where they are fewer than T. Lin et al. 2024, section 3.3, table 2. */
public enum Spacing {
    /** T - k T/n - 1: begins at T-1, where x_t is nearest to pure noise. */
    TRAILING("from T-1 down in equal steps"),
    /** k T/n: ends at 0. */
    LEADING("in equal steps down to 0"),
    /** From T-1 to the least t, both of them. */
    LINSPACE("from T-1 to 0, both of them"),
    /** In sigma^(1/7), as Karras et al. 2022, equation 5: denser at little noise. */
    KARRAS("evenly in sigma^(1/7): denser at little noise");

    private static final double RHO = 7;

    private final String summary;

    Spacing(String summary) {
        this.summary = summary;
    }

    /** One line. */
    public String summary() {
        return summary;
    }

    /** As in configurations. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As in configurations. */
    public static List<String> names() {
        return Arrays.stream(values()).map(Spacing::text).toList();
    }

    /** The one of that name. */
    public static Spacing of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    /**
     * The t visited, from large to small.
     *
     * @param steps how many, 1 .. T
     * @param whole whether they have to be whole numbers
     */
    public double[] times(Schedule schedule, int steps, boolean whole) {
        int all = schedule.timesteps();
        double[] times = new double[steps];
        for (int k = 0; k < steps; k++) {
            double t =
                    switch (this) {
                        case TRAILING -> all - (double) k * all / steps - 1;
                        case LEADING -> (double) (steps - 1 - k) * all / steps;
                        case LINSPACE -> linear(all - 1, schedule.first(), share(k, steps));
                        case KARRAS -> schedule.atSigma(karras(schedule, share(k, steps)));
                    };
            times[k] = whole ? round(t) : t;
        }
        return times;
    }

    /** The sigmas visited by {@link #KARRAS}, from large to small. */
    public static double[] karras(Schedule schedule, int steps) {
        double[] sigmas = new double[steps];
        for (int k = 0; k < steps; k++) {
            sigmas[k] = karras(schedule, share(k, steps));
        }
        return sigmas;
    }

    private static double karras(Schedule schedule, double share) {
        double most = finiteSigma(schedule);
        double least = schedule.sigma(schedule.first());
        return Math.pow(linear(Math.pow(most, 1 / RHO), Math.pow(least, 1 / RHO), share), RHO);
    }

    /** A flow begins with nothing of the image: a little later sigma is a number. */
    private static double finiteSigma(Schedule schedule) {
        int last = schedule.timesteps() - 1;
        double sigma = schedule.sigma(last);
        return Double.isFinite(sigma) ? sigma : schedule.sigma(last - 0.5);
    }

    private double round(double t) {
        return this == LEADING ? Math.floor(t) : Math.rint(t);
    }

    private static double share(int k, int steps) {
        return steps == 1 ? 0 : (double) k / (steps - 1);
    }

    private static double linear(double from, double to, double share) {
        return from + share * (to - from);
    }
}
