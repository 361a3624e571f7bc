package ddpm.diffusion;

import ddpm.config.Problems;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a network is taught, section {@code objective} of a configuration.
 *
 * @param prediction what its output means
 * @param weighting how errors at each level of noise count
 * @param times which levels are drawn
 * @param variance of the reverse steps of samplers that have one: {@code fixed_small}, {@code fixed_large} or {@code
 *     learned_range}, which doubles the network's outputs
 */
public record ObjectiveConfig(Prediction prediction, Weighting weighting, TrainingTimes times, String variance) {
    public static final List<String> VARIANCES = Arrays.stream(Variance.values())
            .map(v -> v.name().toLowerCase(Locale.ROOT))
            .toList();

    /** The variance by its name. */
    public Variance reverseVariance() {
        return Variance.valueOf(variance.toUpperCase(Locale.ROOT));
    }

    /** Outputs of the network for each channel of an image. */
    public int outputs() {
        return variance.equals("learned_range") ? 2 : 1;
    }

    /** Adds what is wrong to {@code problems}, whose section is that of the objective. */
    public void check(Problems problems) {
        prediction.check(problems.in("prediction"));
        weighting.check(problems.in("weighting"));
        times.check(problems.in("times"));
        problems.oneOf(VARIANCES, "variance", variance);
        if (variance.equals("learned_range")) {
            problems.add(
                    "variance",
                    "learned_range can be drawn with but not trained here: its loss is the bound's, which has no kernel"
                            + " yet; take fixed_small or fixed_large");
        }
    }
}
