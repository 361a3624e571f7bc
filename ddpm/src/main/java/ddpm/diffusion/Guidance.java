package ddpm.diffusion;

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
 */
public record Guidance(double scale, double rescale) {
    /** @throws IllegalArgumentException for a scale that is no number or a rescale that is no share */
    public Guidance {
        if (!Double.isFinite(scale) || !(rescale >= 0 && rescale <= 1)) {
            throw new IllegalArgumentException("guidance: scale " + scale + ", rescale " + rescale
                    + "; needed are a number and a share of 0 to 1");
        }
    }

    /**
     * The guided output, [images,...] like both others.
     *
     * @param cond what the network says with the condition
     * @param uncond what it says without
     */
    public float[] of(float[] cond, float[] uncond, int images) {
        if (cond.length != uncond.length || images < 1 || cond.length % images != 0) {
            throw new IllegalArgumentException("guidance: " + cond.length + " and " + uncond.length
                    + " values are no two outputs for " + images + " images");
        }
        float[] out = new float[cond.length];
        int size = cond.length / images;
        for (int from = 0; from < out.length; from += size) {
            image(cond, uncond, from, from + size, out);
        }
        return out;
    }

    private void image(float[] cond, float[] uncond, int from, int to, float[] out) {
        double factor = rescale == 0 ? 1 : rescale * ratio(cond, uncond, from, to) + 1 - rescale;
        for (int i = from; i < to; i++) {
            out[i] = (float) (factor * guided(cond[i], uncond[i]));
        }
    }

    private double guided(double cond, double uncond) {
        return uncond + scale * (cond - uncond);
    }

    /** std(cond) / std(w) of one image; 1 where w is the same everywhere and there is nothing to scale. */
    private double ratio(float[] cond, float[] uncond, int from, int to) {
        double meanCond = 0;
        double mean = 0;
        for (int i = from; i < to; i++) {
            meanCond += cond[i];
            mean += guided(cond[i], uncond[i]);
        }
        meanCond /= to - from;
        mean /= to - from;
        double squaresCond = 0;
        double squares = 0;
        for (int i = from; i < to; i++) {
            squaresCond += (cond[i] - meanCond) * (cond[i] - meanCond);
            double d = guided(cond[i], uncond[i]) - mean;
            squares += d * d;
        }
        return squares == 0 ? 1 : Math.sqrt(squaresCond / squares);
    }
}
