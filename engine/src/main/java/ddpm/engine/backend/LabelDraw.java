package ddpm.engine.backend;

import ddpm.engine.random.Stream;

/**
 * Geometry and random stream of the labels of a training batch, or of a part of one; epoch, position, step and first row are in
 * {@link BatchNumbers}, and row i is of the image that {@link NoiseAdd} takes for row i.
 *
 * @param n rows of this batch
 * @param images number of images in the data set
 * @param seed of the run
 * @param dropout share of the labels that are left out, 0 to 1
 * @param drops stream of what is left out
 */
public record LabelDraw(long n, long images, long seed, double dropout, Stream drops) {
    /** A label is left out where 32 random bits are below this number, 0 to 2^32. */
    public long threshold() {
        return Math.round(dropout * 0x1p32);
    }
}
