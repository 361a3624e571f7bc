package ddpm.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What the numbers say in words. Every bound is a share of, or a multiple of, what real images get.
 *
 * @param headline the one sentence
 * @param findings what it rests on, a sentence each
 * @param warnings what has to be looked at first: copies above all
 */
record Verdict(String headline, List<String> findings, List<String> warnings) {
    /** A number beside that of real images. */
    enum Grade {
        GOOD("like real images"),
        NEAR("close to real images"),
        OFF("visibly different"),
        FAR("far off");

        private final String words;

        Grade(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /** Chance errors of both numbers within which they count as equal. */
    private static final double ERRORS = 2;
    // of shares such as precision: the least share of what real images get
    private static final double[] SHARES = {0.93, 0.75, 0.45};
    // of distances: the largest multiple of what real images get
    private static final double[] MULTIPLES = {2, 6, 25};
    // of the kernel distance, which is 0 for real images: the largest multiple of their chance error
    private static final double[] CHANCES = {3, 12, 80};

    private static final double COPYING = 0.05; // share of copies above that of real images
    private static final double A_COPY = 0.005;
    private static final double CONVINCING = 0.7; // of the precision and density of real images
    private static final double BROKEN = 0.3; // the same
    private static final double NARROW = 0.5; // of the variety of real images
    private static final double VARIED = 0.85; // the same, of recall
    private static final double BITS = 0.5; // of entropy below that of real images

    static Grade grade(Quantity quantity, double value, double floor, double error) {
        if (quantity.moreIsBetter()) {
            double share = floor == 0 ? 1 : (value + ERRORS * error) / floor;
            return of(-share, -SHARES[0], -SHARES[1], -SHARES[2]);
        }
        if (quantity == Quantity.KID) {
            return of(value - floor, CHANCES[0] * error, CHANCES[1] * error, CHANCES[2] * error);
        }
        return of(value, MULTIPLES[0] * floor, MULTIPLES[1] * floor, MULTIPLES[2] * floor);
    }

    private static Grade of(double value, double good, double near, double off) {
        return value <= good ? Grade.GOOD : value <= near ? Grade.NEAR : value <= off ? Grade.OFF : Grade.FAR;
    }

    static Verdict of(Evaluation e) {
        Closeness model = e.model().whole();
        Closeness floor = e.floor().whole();
        // precision alone is lenient: a blurred image is near some real image, but not near many
        double truth = Math.min(share(model.precision(), floor.precision()), share(model.density(), floor.density()));
        double variety = Math.max(share(model.recall(), floor.recall()), share(model.coverage(), floor.coverage()));
        double copies = e.near().copies() - e.realNear().copies();
        boolean fewKinds = e.shown() != null
                && !e.shown().conditional()
                && Shown.entropy(e.shown().counts()) < Shown.entropy(e.shown().realCounts()) - BITS;
        String headline;
        if (copies > COPYING) {
            headline = "The model copies: many of its images are training images, not new ones.";
        } else if (truth >= CONVINCING && (variety < NARROW || fewKinds)) {
            headline = "The model has collapsed: it draws convincing images, but only of a part of what the data show.";
        } else if (truth < BROKEN || e.grade(Quantity.FRECHET) == Grade.FAR) {
            headline =
                    "The model is undertrained, or something is wrong with it: most of its images are unlike real ones.";
        } else if (Stream.of(Quantity.values()).allMatch(q -> e.grade(q).compareTo(Grade.NEAR) <= 0)
                && e.grade(Quantity.PRECISION) == Grade.GOOD
                && e.grade(Quantity.DENSITY) == Grade.GOOD) {
            headline = share(model.recall(), floor.recall()) < VARIED
                    ? "The model is good, if less varied than the data: most images are hard to tell from real ones."
                    : "The model is good: most images are hard to tell from real ones, and as varied.";
        } else {
            headline = "The model is on the way: its images are of the right kind, but can be told from real ones.";
        }
        return new Verdict(headline, findings(e), warnings(e, copies));
    }

    private static double share(double value, double floor) {
        return floor == 0 ? 1 : value / floor;
    }

    private static List<String> findings(Evaluation e) {
        Closeness model = e.model().whole();
        Closeness floor = e.floor().whole();
        List<String> found = new ArrayList<>();
        found.add(text(
                "Quality: %s of 100 samples are near some real image; of 100 real images that the comparison had not seen, %s are."
                        + " Where samples lie there are %.2f times as many real images as where real ones lie.",
                hundred(model.precision()), hundred(floor.precision()), share(model.density(), floor.density())));
        found.add(text(
                "Variety: %s of 100 real images have a sample close by; had the samples been real images, %s would.",
                hundred(model.coverage()), hundred(floor.coverage())));
        found.add(text(
                "As a whole: the Frechet distance is %s, %.1f times that of real images.",
                Quantity.FRECHET.text(model.frechet()), model.frechet() / floor.frechet()));
        found.add(text(
                "Copies: %s of 100 samples are copies of a training image; of 100 real images, %s. The usual sample is %.2f times"
                        + " as far from its nearest training image as a real one.",
                hundred(e.near().copies()),
                hundred(e.realNear().copies()),
                e.near().medianDistance() / e.realNear().medianDistance()));
        if (e.shown() != null) {
            Shown shown = e.shown();
            if (shown.conditional()) {
                found.add(text(
                        "Classes: %s of 100 samples show what they were asked to show, in the eyes of a network that"
                                + " recognises %s of 100 real images.",
                        hundred(shown.shareAsAsked()), hundred(shown.accuracy())));
            }
            found.add(text(
                    "Clarity: that network is surer than %.0f %% of what it sees in %s of 100 samples, and in %s of 100 real images.",
                    100 * Shown.SURE, hundred(shown.sure()), hundred(shown.realSure())));
        }
        return found;
    }

    private static List<String> warnings(Evaluation e, double copies) {
        List<String> warnings = new ArrayList<>();
        if (copies > A_COPY) {
            warnings.add(text(
                    "%s of 100 samples are copies of training images (see the pairs below): the data are few for the training, or"
                            + " hold images many times over.",
                    hundred(e.near().copies())));
        }
        for (Tints tint : e.tints()) {
            if (tint.outside() > Math.max(0.1, 3 * tint.realOutside())) {
                warnings.add(text(
                        "The %s of %s of 100 samples is outside of what 98 of 100 training images have; with real images it is"
                                + " %s of 100.",
                        tint.name(), hundred(tint.outside()), hundred(tint.realOutside())));
            }
        }
        if (!e.learned()) {
            warnings.add(
                    "The features are those of a network that has learned nothing, since the data have no labels: compare these"
                            + " numbers with those of other runs on the same data, and with nothing else.");
        }
        return warnings;
    }

    /** Of a share: how many of a hundred. */
    static String hundred(double share) {
        return String.format(
                Locale.ROOT, share > 0 && share < 0.1 || share > 0.98 && share < 1 ? "%.1f" : "%.0f", 100 * share);
    }

    private static String text(String format, Object... of) {
        return String.format(Locale.ROOT, format, of);
    }
}
