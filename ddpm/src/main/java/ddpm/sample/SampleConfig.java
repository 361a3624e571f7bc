package ddpm.sample;

import ddpm.config.Problems;
import java.util.List;

/**
 * How images are drawn, section {@code sample} of a configuration: the previews of a training, and what the {@code
 * sample} command does unless it is told otherwise.
 *
 * @param sampler {@code ddpm}, the ancestral sampler over all T steps (Ho et al. 2020, algorithm 2), or {@code ddim}
 *     (Song et al. 2020)
 * @param steps how many of the T timesteps {@code ddim} visits
 * @param eta noise of {@code ddim}: 0 is deterministic, 1 as much as {@code ddpm}
 * @param spacing which timesteps {@code ddim} visits, from large to small: {@code trailing} begins at T - 1, {@code
 *     leading} ends at 0; see {@link ddpm.diffusion.DdimSampler.Spacing}
 * @param clipX0 whether the estimate of the image is kept within [-1, 1] in every step
 * @param count images in a preview
 */
public record SampleConfig(String sampler, int steps, double eta, String spacing, boolean clipX0, int count) {
    public static final List<String> SAMPLERS = List.of("ddpm", "ddim");
    public static final List<String> SPACINGS = List.of("leading", "trailing");

    /**
     * 100 steps of {@code ddim} with as much noise as {@code ddpm}: digits as good as those of all 1000 steps in a tenth
     * of the time. Without noise, or with fewer steps, they are visibly worse.
     */
    public static SampleConfig standard() {
        return new SampleConfig("ddim", 100, 1, "trailing", true, 64);
    }

    /** Adds what is wrong, with a schedule of {@code timesteps}, to {@code problems} of the section {@code sample}. */
    public void check(int timesteps, Problems problems) {
        problems.oneOf(SAMPLERS, "sampler", sampler);
        if (steps < 1 || steps > timesteps) {
            problems.add("steps", "must be from 1 to the " + timesteps + " of diffusion.timesteps, got " + steps);
        } else if (sampler.equals("ddpm") && steps != timesteps) {
            problems.add(
                    "steps",
                    "the ddpm sampler takes all " + timesteps + " steps, got " + steps + "; set "
                            + problems.path("steps") + "=" + timesteps + ", or " + problems.path("sampler") + "=ddim");
        }
        problems.range(eta >= 0 && eta <= 1, "eta", eta, "from 0 to 1");
        problems.oneOf(SPACINGS, "spacing", spacing);
        problems.atLeast(1, "count", count);
    }
}
