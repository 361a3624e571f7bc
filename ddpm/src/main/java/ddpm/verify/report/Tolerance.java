package ddpm.verify.report;

import java.util.Locale;

/**
 * How far a float32 result may be from the reference's: every number of the golden vectors' README.md, section by section.
 */
@FunctionalInterface
public interface Tolerance {
    /** The largest absolute difference that is allowed. @param rms root mean square of the expected tensor */
    double of(double rms);

    /** What the reader of the table has to know beside the number; empty for nothing. */
    default String note() {
        return "";
    }

    /** The same whatever the values. */
    static Tolerance absolute(double most) {
        return rms -> most;
    }

    // scheduler.safetensors
    Tolerance TABLE = absolute(1e-6);
    /** float32 cancellation in 1 - alphas_cumprod costs the reference more here; our tables are in double. */
    Tolerance SQRT_ONE_MINUS_TABLE = absolute(2e-6);

    double STEP = 1e-5;
    /** add_noise, prev, mean; the README names none for sigma, which goes into prev. */
    Tolerance DIFFUSION_STEP = absolute(STEP);

    /**
     * Of x0_pred = (x_t - sqrt(1 - alphas_cumprod) eps) / sqrt(alphas_cumprod): the division enlarges the rounding of what
     * is divided, 157 times at t = 999 of the reference's schedule.
     *
     * @param divisor sqrt(alphas_cumprod), above 0 and at most 1
     */
    static Tolerance dividedBy(double divisor) {
        double most = STEP / divisor;
        return new Tolerance() {
            @Override
            public double of(double rms) {
                return most;
            }

            @Override
            public String note() {
                return String.format(
                        Locale.ROOT,
                        "tolerance: %s / sqrt(alphas_cumprod), here %.3g, by which the result was divided",
                        Check.scientific(STEP),
                        divisor);
            }
        };
    }

    // time_embedding.safetensors, and t_emb of unet_small_io: the kernel works in float32
    Tolerance TIME_EMBEDDING = absolute(1e-4);

    // ops.safetensors
    Tolerance OPERATION = rms -> 3e-5 * (1 + rms);

    // unet_small_*, table "suggested float32 tolerance"
    Tolerance SMALL_OUTPUT = absolute(2e-5);
    Tolerance SMALL_LOSS = absolute(2e-6);
    Tolerance SMALL_LOSSES = absolute(5e-6);
    Tolerance SMALL_CHAIN = absolute(2e-5);
    /** "Gradients, worst tensor, max abs / rms: 5e-4, plus 1e-8 absolute"; for dx as well. */
    Tolerance SMALL_GRADIENT = gradient(1e-8);

    double GRADIENT_FLOOR = 1e-8;
    /**
     * That 1e-8 as a share of the rms of all gradients of the set it was written for, 3.4e-3. Rounding is of the size of
     * the summed terms: a configuration with larger gradients leaves more of one that cancels to zero (the biases before
     * a normalisation whose groups are one channel).
     */
    double GRADIENT_FLOOR_RELATIVE = 3e-6;

    static Tolerance gradient(double floor) {
        return rms -> 5e-4 * rms + floor;
    }

    /** Outputs of modules: the README names none, so what a single operation may differ by. */
    Tolerance ACTIVATION = OPERATION;

    /** Relative L2 of all gradients together. */
    double SMALL_GRADIENTS_L2 = 2e-5;
    /** Relative L2 of an Adam update. */
    double ADAM_L2 = 5e-3;
    /** Share of the parameters that may be off by more than {@link #ADAM_FAR}. */
    double ADAM_SHARE = 5e-3;

    double ADAM_FAR = 1e-6;
    /** Largest difference of a parameter per step: an element may go lr the wrong way, so 2 lr. */
    double ADAM_STEP = 2e-4;

    // unet_full_*, last paragraph
    Tolerance FULL_OUTPUT = absolute(3e-5);
    Tolerance FULL_SUM = absolute(5e-3);
    Tolerance FULL_LOSS = absolute(2e-6);
    /** Relative, of the L2 norm of a parameter's gradient. */
    double FULL_GRADIENT_NORM = 1e-3;
    /** Of a sum over so many elements, each off by at most what {@code each} says. */
    static Tolerance ofSum(long elements, Tolerance each) {
        return rms -> elements * each.of(rms);
    }

    // unet2d: the output, the loss and the norms as of the other networks
    /** Of dx and whole gradients. */
    Tolerance UNET2D_GRADIENT = rms -> 1e-3 * rms;

    /** Norms below are rounding alone, the README leaves them out: they only have to stay there. */
    double FULL_GRADIENT_LEFT_OUT = 1e-7;
}
