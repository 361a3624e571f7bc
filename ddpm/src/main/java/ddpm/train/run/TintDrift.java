package ddpm.train.run;

import ddpm.data.ImageSet;
import ddpm.evaluate.measure.Rows;
import ddpm.evaluate.measure.Tint;
import ddpm.picture.Drawn;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the colours of previews leave those of the training images: the averages of a network's weights learn the mean
 * colour last, and a loss hardly tells of it.
 */
final class TintDrift {
    /** Training images looked at, evenly spaced. */
    private static final int LOOKED_AT = 1000;

    /** Share of a preview that may lie outside the range of 98 % of the images: 2 % do by themselves. */
    private static final double TOLERATED = 0.3;

    private final int channels;
    private final Map<Tint, Tint.Range> ranges = new LinkedHashMap<>();
    private final Map<Tint, Double> means = new LinkedHashMap<>();

    private TintDrift(int channels) {
        this.channels = channels;
    }

    /** Empty for grey images, which have no colour. */
    static Optional<TintDrift> of(ImageSet set) {
        if (set.channels() == 1) {
            return Optional.empty();
        }
        int count = Math.min(LOOKED_AT, set.count());
        byte[][] images = new byte[count][set.length()];
        for (int i = 0; i < count; i++) {
            set.pixels().copy((int) ((long) i * set.count() / count), images[i], 0);
        }
        TintDrift drift = new TintDrift(set.channels());
        for (Tint tint : Tint.of(set.channels())) {
            double[] values = tint.values(rows(images), set.channels());
            drift.ranges.put(tint, Tint.Range.of(values));
            drift.means.put(tint, mean(values));
        }
        return Optional.of(drift);
    }

    /** A sentence on the quantity that is furthest off; empty where all is well. */
    Optional<String> of(Drawn preview) {
        Rows samples = rows(preview.bytes());
        double worst = TOLERATED;
        String said = null;
        for (Map.Entry<Tint, Tint.Range> e : ranges.entrySet()) {
            double[] values = e.getKey().values(samples, channels);
            Tint.Range range = e.getValue();
            double outside = range.outside(values);
            if (outside > worst) {
                worst = outside;
                said = String.format(
                        Locale.ROOT,
                        "colours are off: the %s of %.0f %% of the images is outside %.0f to %.0f, where 98 %% of the training"
                                + " images are (%.0f on average, theirs %.0f)",
                        e.getKey(),
                        100 * outside,
                        range.low(),
                        range.high(),
                        mean(values),
                        means.get(e.getKey()));
            }
        }
        return Optional.ofNullable(said);
    }

    private static Rows rows(byte[][] images) {
        int dim = images[0].length;
        float[] values = new float[images.length * dim];
        for (int i = 0; i < values.length; i++) {
            values[i] = images[i / dim][i % dim] & 255;
        }
        return Rows.of(dim, values);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(0);
    }
}
