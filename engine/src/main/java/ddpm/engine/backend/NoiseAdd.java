package ddpm.engine.backend;

/**
 * Geometry and random streams of the fused forward noising of one training batch.
 *
 * <p>Row i takes image {@code Permutation(seed, epoch)[position + i]} of the resident data set, flips it where its
 * random bit says so, scales bytes 0..255 to [-1,1], draws t and eps from Philox keyed (seed, stream, i, step).
 *
 * @param batch extents of x_t; n is the number of rows of this batch
 * @param images number of images in the data set
 * @param seed of the run
 * @param epoch pass over the data, from 0: each has its own permutation
 * @param position of row 0 within the epoch
 * @param step training step: each has its own noise
 * @param flip mirror half of the images left-right
 * @param stratified draw t of row i from the i-th of n equal strata instead of the whole range: the same marginal,
 *     less variance of the loss
 * @param timesteps T
 */
public record NoiseAdd(
        Nhwc batch,
        long images,
        long seed,
        long epoch,
        long position,
        long step,
        boolean flip,
        boolean stratified,
        int timesteps) {}
