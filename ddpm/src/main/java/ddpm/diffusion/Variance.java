package ddpm.diffusion;

/**
 * Which variance the reverse steps of {@link ddpm.diffusion.solver.Ddpm} have. Both fixed ones are bounds of the true one. Ho
 * et al. 2020, 3.2.
 */
public enum Variance {
    /** That of x_(t-1) given x_t and x_0: right if the image is known. */
    FIXED_SMALL,
    /** beta_t: right if the images are pure noise. */
    FIXED_LARGE,
    /** Chosen by the network between the two. Nichol &amp; Dhariwal 2021, section 3.1. */
    LEARNED_RANGE
}
