package ddpm.evaluate.likelihood;

import ddpm.config.Problems;
import ddpm.evaluate.likelihood.Likelihood.Range;
import ddpm.terminal.Durations;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a {@link Likelihood} says in words. */
public record Findings(Likelihood of) {
    /** Chance errors within which two numbers count as equal. */
    private static final double ERRORS = 2;
    /** The formulas' errors are those on training images; held-out ones differ by some hundredths. */
    private static final double LIKE = 0.05;

    private static final double CLEARLY = 0.85; // of the formula's error, over all t

    /** The network's error beside the formula's. */
    enum Place {
        BELOW,
        ALIKE,
        ABOVE;

        static Place of(Range r) {
            double chance =
                    Double.isNaN(r.loss().error()) ? 0 : ERRORS * r.loss().error();
            if (r.loss().mean() + chance < (1 - LIKE) * r.formula()) {
                return BELOW;
            }
            return r.loss().mean() - chance > (1 + LIKE) * r.formula() ? ABOVE : ALIKE;
        }
    }

    /** Sentences on the bits, then on the errors. */
    public List<String> sentences() {
        return List.of(bits(), errors());
    }

    /** How many bits, and for what. */
    public String bits() {
        return text(
                "Likelihood: a value of a held-out image costs the model at most %s bits; without any model it costs 8. Of these"
                        + " %.3f are for t = 0, where the image is read off, %.3f for t = 1 to %d, half of them below t = %d, and"
                        + " %.5f for what is left of the image at the end.",
                bitsText(), of.last(), of.between(), of.timesteps() - 1, half(), of.prior());
    }

    /** {@code 2.153 +- 0.031}. */
    public String bitsText() {
        return text("%.3f +- %.3f", of.bits().mean(), of.bits().error());
    }

    /** The t at which half of the bits between the ends is spent. */
    private int half() {
        double sum = 0;
        for (Range r : of.ranges().subList(1, of.ranges().size())) {
            sum += r.bits().mean();
            if (sum >= of.between() / 2) {
                return r.to() + 1;
            }
        }
        return of.timesteps();
    }

    /** Where the network's guesses are better than a formula's. */
    public String errors() {
        double loss = of.mean(r -> r.loss().mean());
        double formula = of.mean(Range::formula);
        String verdict = loss < CLEARLY * formula
                ? "the network knows what no linear formula does"
                : loss < (1 + LIKE) * formula
                        ? "the network is hardly better than a formula that has learned nothing but mean and " + knows()
                        : "the network is worse than a formula that has learned nothing but mean and " + knows();
        return text(
                "Errors by t: in the mean over all t the network's is %.4f, %.2f times that of the best %s, %.4f: %s.%s%s%s",
                loss,
                loss / formula,
                formula(),
                formula,
                verdict,
                where(Place.BELOW, " It is below the formula"),
                where(Place.ALIKE, " It is like the formula"),
                where(Place.ABOVE, " It is above the formula"));
    }

    private String formula() {
        return of.matrix() ? "linear formula" : "formula that guesses each value from itself";
    }

    private String knows() {
        return of.matrix() ? "covariance" : "variance";
    }

    private String where(Place place, String sentence) {
        List<String> spans = new ArrayList<>();
        double strongest = 1;
        double at = 0;
        List<Range> ranges = of.ranges();
        for (int i = 0; i < ranges.size(); i++) {
            if (Place.of(ranges.get(i)) != place) {
                continue;
            }
            int from = i;
            while (i + 1 < ranges.size() && Place.of(ranges.get(i + 1)) == place) {
                i++;
            }
            spans.add(
                    ranges.get(from).from() == ranges.get(i).to()
                            ? String.valueOf(ranges.get(i).to())
                            : ranges.get(from).from() + " to " + ranges.get(i).to());
            for (Range r : ranges.subList(from, i + 1)) {
                double ratio = r.loss().mean() / r.formula();
                if (place == Place.BELOW ? ratio < strongest : ratio > strongest) {
                    strongest = ratio;
                    at = r.middle();
                }
            }
        }
        if (spans.isEmpty()) {
            return "";
        }
        String most = place == Place.ALIKE ? "" : text(", %.3g times it about t = %.0f", strongest, at);
        return sentence + " at t = " + Problems.list(spans, "and") + most + ".";
    }

    /** How it was measured, a sentence each. */
    public List<String> how() {
        List<String> how = new ArrayList<>();
        String calls = text(
                "%,d images, each at %,d of %,d t: %,d calls of the network in %s",
                of.images(), of.calls(), of.timesteps(), (long) of.images() * of.calls(), Durations.text(of.seconds()));
        how.add(
                of.everyT()
                        ? "Bits: " + calls + ". +- is what chance does to a mean over so many images."
                        : "Bits: " + calls
                                + ". Each t stands for its neighbours and is picked by chance among them, which makes"
                                + " the estimate right in the mean; +- holds that chance, that of the noise and that of the"
                                + " images. "
                                + text(
                                        "Every t (--nll-steps %d) would take about %s.",
                                        of.timesteps(), Durations.text(of.seconds() * of.timesteps() / of.calls())));
        how.add("The bound is that of the sampler ddpm in all its steps, with the variance "
                + of.variance().text() + (of.clipped() ? ", estimates clipped to -1 .. 1" : "")
                + (of.told() ? ", given what each image shows" : "")
                + (of.preserving()
                        ? "."
                        : "; this schedule is usually drawn from by following an ODE, whose likelihood is another."));
        if (!of.matrix()) {
            how.add(
                    "The formula guesses each value from itself: for one that looks at all values the images are too large or too"
                            + " few.");
        }
        return how;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
