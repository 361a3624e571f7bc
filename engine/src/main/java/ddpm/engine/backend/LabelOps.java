package ddpm.engine.backend;

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
     * @param numbers in, {@link BatchNumbers}; rows past the end of the epoch have no label
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
}
