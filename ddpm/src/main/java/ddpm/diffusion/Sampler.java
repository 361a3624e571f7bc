package ddpm.diffusion;

/** How to go back from noise to an image: which timesteps to visit and what to do at each. {@link ReverseProcess} does it. */
public interface Sampler {
    /** The timesteps in the order they are visited, from the noisiest down. */
    int[] timesteps();

    /** What turns x_t with t = {@code timesteps()[k]} into the next one; after the last k that is the image. */
    Update update(int k);
}
