package ddpm.diffusion;

import ddpm.engine.backend.LabelOps.Guide;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Tensor;

/**
 * Classifier-free guidance: what the network says with a condition, made stronger by what it says without one. Ho &amp;
 * Salimans 2022, equation 6; the rescaling, which keeps strong guidance from overexposing, is Lin et al. 2024, section 3.4:
 *
 * <pre>
 * w   = uncond + scale (cond - uncond)
 * out = rescale w std(cond) / std(w) + (1 - rescale) w        std over each image
 * </pre>
 *
 * @param scale 1 is the condition alone, 0 none
 * @param rescale share of the rescaled result, 0 to 1
 * @param from guided are levels of noise from this share of the schedule on: 0 is the image; Kynk&auml;&auml;nniemi et al. 2024
 * @param to up to this share: 1 is the noise
 */
public record Guidance(double scale, double rescale, double from, double to) {
    /** The condition alone. */
    public static final Guidance NONE = new Guidance(1, 0);

    /** @throws IllegalArgumentException for a scale that is no number, a rescale that is no share, or an empty interval */
    public Guidance {
        if (!Double.isFinite(scale) || !(rescale >= 0 && rescale <= 1)) {
            throw new IllegalArgumentException("guidance: scale " + scale + ", rescale " + rescale
                    + "; needed are a number and a share of 0 to 1");
        }
        if (!(from >= 0 && from <= to && to <= 1)) {
            throw new IllegalArgumentException("guidance: interval " + from + " to " + to
                    + "; needed are two shares of 0 to 1, the smaller one first");
        }
    }

    /** At all levels of noise. */
    public Guidance(double scale, double rescale) {
        this(scale, rescale, 0, 1);
    }

    /** Whether it changes what the network says with the condition. */
    public boolean active() {
        return scale != 1;
    }

    /** Whether the level of this t is guided. @param timesteps of the schedule */
    public boolean at(double t, int timesteps) {
        double share = timesteps == 1 ? 1 : t / (timesteps - 1);
        return share >= from && share <= to;
    }

    /**
     * The guided output, in the scope of {@code f}.
     *
     * @param f [2N,H,W,C]: what the network says with the condition, then what it says without
     * @param channels so many are guided; the others, a learned variance, are those with the condition
     */
    public Tensor of(Tensor f, long channels) {
        Nhwc both = f.nhwc("guidance");
        Nhwc one = both.withN(both.n() / 2);
        return ddpm.engine.ops.Guidance.of(new Guide(one, channels, (float) scale, (float) rescale), f);
    }
}
