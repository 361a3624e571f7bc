package ddpm.evaluate;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What is measured of features, and what it means to somebody who does not know it. */
enum Quantity {
    FRECHET(
            "frechet",
            "Frechet distance",
            "%.3f",
            false,
            Closeness::frechet,
            "How far the samples as a whole are from real images; the usual number for comparing models. 0 would be the same"
                    + " distribution; real images do not reach 0 either, since they are few."),
    KID(
            "kid",
            "kernel distance",
            "%.4f",
            false,
            Closeness::kid,
            "The same question, asked in a way that does not depend on the number of images: real images get 0 but for"
                    + " chance."),
    PRECISION(
            "precision",
            "precision",
            "%.3f",
            true,
            Closeness::precision,
            "The share of samples that look like some real image. Low: images are blurred, noisy or broken, as of a model"
                    + " that has not learned long enough."),
    RECALL(
            "recall",
            "recall",
            "%.3f",
            true,
            Closeness::recall,
            "The share of real images that look like some sample. Low with high precision: the model draws good images, but"
                    + " only of a few kinds; it has collapsed."),
    DENSITY(
            "density",
            "density",
            "%.3f",
            true,
            Closeness::density,
            "As precision, but a real image that is unlike all others counts for little. Above that of real images: samples"
                    + " crowd where real images are most alike."),
    COVERAGE(
            "coverage",
            "coverage",
            "%.3f",
            true,
            Closeness::coverage,
            "As recall, and as robust as density: the share of real images that have a sample close by.");

    private final String key;
    private final String title;
    private final String format;
    private final boolean moreIsBetter;
    private final ToDoubleFunction<Closeness> of;
    private final String meaning;

    Quantity(
            String key,
            String title,
            String format,
            boolean moreIsBetter,
            ToDoubleFunction<Closeness> of,
            String meaning) {
        this.key = key;
        this.title = title;
        this.format = format;
        this.moreIsBetter = moreIsBetter;
        this.of = of;
        this.meaning = meaning;
    }

    /** Its name in evaluation.json. */
    String key() {
        return key;
    }

    String title() {
        return title;
    }

    boolean moreIsBetter() {
        return moreIsBetter;
    }

    String meaning() {
        return meaning;
    }

    double of(Closeness closeness) {
        return of.applyAsDouble(closeness);
    }

    String text(double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
