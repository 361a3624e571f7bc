package ddpm.engine.backend;

/**
 * Geometry and random streams of the fused forward noising of one training batch; epoch, position and step are in
 * {@link StepNumbers}.
 *
 * <p>Row i takes image {@code Permutation(seed, epoch)[position + i]} of the data set, flips it where its random bit says
 * so, scales bytes 0..255 to [-1,1], draws t and eps from Philox keyed (seed, stream, i, step).
 *
 * @param batch extents of x_t; n is the number of rows of this batch
 * @param images number of images in the data set
 * @param seed of the run
 * @param flip mirror half of the images left-right
 * @param stratified draw t of row i from the i-th of n equal strata instead of the whole range: the same marginal,
 *     less variance of the loss
 * @param timesteps T
 */
public record NoiseAdd(Nhwc batch, long images, long seed, boolean flip, boolean stratified, int timesteps) {}
