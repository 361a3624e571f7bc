package ddpm.engine.backend;

import ddpm.engine.random.Stream;

/**
 * What a network is told of an image: its label, a number from 0 on, or {@link Labels#NONE}. Results have the same bits on every
 * device, each float operation rounded once in the order that its formula is read.
 */
public interface LabelOps {
    /**
     * y[i] = table[label[i]]; zeros where the label is {@link Labels#NONE}; NaN where the table has no such row, which stops a
     * run at its loss.
     *
     * @param label in, I32 [n]
     * @param table in, [classes,dim]
     * @param y out, [n,dim]
     */
    void embedding(Labels g, Buffer label, Buffer table, Buffer y);

    /**
     * dtable[k] = sum of dy[i] over the i whose label is k, i ascending; zeros for a class that none of them has.
     *
     * @param label in, I32 [n]
     * @param dy in, [n,dim]
     * @param dtable out, [classes,dim]
     */
    void embeddingBackward(Labels g, Buffer label, Buffer dy, Buffer dtable);

    /**
     * label[i] = labels[j], j the image of row i, or {@link Labels#NONE} where row i's random bits say so.
     *
     * @param numbers in, {@link DiffusionOps.BatchNumbers}; rows past the end of the epoch have no label
     * @param labels in, I32 [images]
     * @param label out, I32 [n]
     */
    void draw(LabelDraw g, Buffer numbers, Buffer labels, Buffer label);

    /** y = x followed by x: the same images with two conditions. @param n elements of x @param y out, 2n elements */
    void twice(long n, Buffer x, Buffer y);

    /**
     * Classifier-free guidance, Ho &amp; Salimans 2022, equation 6, and the rescaling of Lin et al. 2024, section 3.4:
     *
     * <pre>
     * g = f[N+n] + scale * (f[n] - f[N+n])
     * y = g                                  without rescaling, else factor[n] * g with
     * factor[n] = rescale * std(f[n]) / std(g) + (1 - rescale)
     * </pre>
     *
     * Standard deviations are over the guided channels of an image, in double: 256 lanes, lane l adds the values l, l + 256,
     * ..., and halves of the lanes are added to the others until one is left. Where g is the same everywhere the quotient is 1.
     *
     * @param f in, [2N,H,W,C]: what the network says with a condition, then without
     * @param factor out, [N]; not touched, and may be null, where rescale is 0
     * @param y out, [N,H,W,C]
     */
    void guide(Guide g, Buffer f, Buffer factor, Buffer y);

    /**
     * Geometry of an embedding: which row of a table each label names.
     *
     * @param n labels
     * @param classes rows of the table
     * @param dim values of a row
     */
    record Labels(long n, long classes, long dim) {
        /** Of an image without a label. */
        public static final int NONE = -1;
    }

    /**
     * Geometry and random stream of the labels of a training batch, or of a part of one; epoch, position, step and first row
     * are in {@link DiffusionOps.BatchNumbers}, and row i is of the image that {@link NoiseAdd} takes for row i.
     *
     * @param n rows of this batch
     * @param images number of images in the data set
     * @param seed of the run
     * @param dropout share of the labels that are left out, 0 to 1
     * @param drops stream of what is left out
     */
    record LabelDraw(long n, long images, long seed, double dropout, Stream drops) {
        /** A label is left out where 32 random bits are below this number, 0 to 2^32. */
        public long threshold() {
            return Math.round(dropout * 0x1p32);
        }
    }

    /**
     * How two outputs of a network become one, see {@link #guide}.
     *
     * @param output extents of the result; C may be more than is guided
     * @param channels so many of each pixel are guided; of the others, such as a learned variance, the first output's are
     *     taken
     * @param scale w: 1 is the first output alone, 0 the second
     * @param rescale share of the rescaled result, 0 to 1
     */
    record Guide(Nhwc output, long channels, float scale, float rescale) {}
}
