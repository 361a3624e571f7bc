package ddpm.diffusion;

import ddpm.config.Problems;

/**
 * What a network is taught, section {@code objective} of a configuration.
 *
 * @param prediction what its output means
 * @param weighting how errors at each level of noise count
 * @param times which levels are drawn
 * @param variance of the reverse steps of samplers that have one: {@code fixed_small}, {@code fixed_large} or {@code
 *     learned_range}, which doubles the network's outputs
 * @param vlbWeight of the bound in the loss, where the variance is learned: each t adds {@code vlbWeight * T} times its term in
 *     bits per dimension. Nichol &amp; Dhariwal 2021, equation 16 and their code: 0.001
 */
public record ObjectiveConfig(
        Prediction prediction, Weighting weighting, TrainingTimes times, String variance, double vlbWeight) {
    /** The variance by its name. */
    public Variance reverseVariance() {
        return Variance.of(variance);
    }

    /** Outputs of the network for each channel of an image. */
    public int outputs() {
        return learned() ? 2 : 1;
    }

    /** Adds what is wrong to {@code problems}, whose section is that of the objective. */
    public void check(Problems problems) {
        prediction.check(problems.in("prediction"));
        weighting.check(problems.in("weighting"));
        times.check(problems.in("times"));
        problems.oneOf(Variance.names(), "variance", variance);
        problems.range(
                Double.isFinite(vlbWeight) && vlbWeight > 0, "vlb_weight", vlbWeight, "above 0; 0.001 in the paper");
        if (learned() && !times.countsEveryT()) {
            problems.add(
                    "times.kind",
                    "the loss of variance=learned_range is a sum over all t, each counted once; take uniform or"
                            + " importance, or a fixed variance");
        }
    }

    /** Whether the network says the variance too. */
    public boolean learned() {
        return variance.equals(Variance.LEARNED_RANGE.text());
    }
}
