package ddpm.engine.backend;

/**
 * The two directions of diffusion: images to noise for training, noise to images a step at a time. What a step means
 * (schedule, parametrisation, solver) is in tables and numbers that the caller makes; results have the same bits on every
 * device, each float operation rounded once in the order that its formula is read.
 */
public interface DiffusionOps {
    /**
     * Draws images, rows of a table and noise eps; forms x_t and the target, with the numbers of the row that was drawn:
     *
     * <pre>
     * x_t = signal * x_0 + noise * eps    target = targetX0 * x_0 + targetEps * eps
     * </pre>
     *
     * Factors 0 and 1 are exact: 0 * x_0 + 1 * eps is eps.
     *
     * @param g geometry and streams
     * @param numbers in, {@link BatchNumbers}
     * @param images in, U8 [images,H,W,C]
     * @param table in, [rows,COLUMNS], see {@link NoiseAdd}
     * @param xt out, [N,H,W,C]
     * @param target out, [N,H,W,C]
     * @param time out, [N]: the drawn rows' times
     * @param weight out, [N]: their weights
     * @param row out, I32 [N]: which row of the table
     */
    void noiseAdd(
            NoiseAdd g,
            Buffer numbers,
            Buffer images,
            Buffer table,
            Buffer xt,
            Buffer target,
            Buffer time,
            Buffer weight,
            Buffer row);

    /**
     * x_t = signal * x_0 + noise * eps of given x_0, rows of the table, and eps. Ho et al. 2020, equation 4.
     *
     * @param g extents
     * @param x0 in, [N,H,W,C]
     * @param row in, I32 [N]: which row of the table
     * @param eps in, [N,H,W,C]
     * @param table in, [rows,COLUMNS], see {@link NoiseAdd}: signal and noise
     * @param xt out, [N,H,W,C]
     */
    void qSample(Nhwc g, Buffer x0, Buffer row, Buffer eps, Buffer table, Buffer xt);

    /**
     * One reverse step, with the numbers of {@link ReverseStep.Numbers}. F is the network's output, x_0 its estimate of the
     * image, slots is memory that outlives the step:
     *
     * <pre>
     * x0    = a * x + b * F, then clipped (see {@link ReverseStep.Clipping})
     * next  = w0 * x0 + wx * x + wF * F + sum over j of w[j] * slots[j] + sd * z
     * kept  = k0 * x0 + kx * x + kF * F
     * saved = v0 * x0 + vx * x + vF * F + sum over j of v[j] * slots[j]
     * </pre>
     *
     * Sums are taken from left to right, j ascending. kept goes to slots[keep] and saved to slots[save] once all sums are
     * formed. A slot whose weight is 0 is not read. z is standard normal, keyed (seed, stream, firstImage + row, key), drawn
     * only where sd is not 0.
     *
     * <p>Where the network did not run ({@link ReverseStep#evaluates}) the terms of x0 and F are absent from all sums and x0
     * is not written. Where it learned the variance ({@link ReverseStep#learned}) its output has twice the channels, F and
     * v of each pixel, and sd is a factor on
     *
     * <pre>
     * exp(0.5 * (f * logLarge + (1 - f) * logSmall))    f = (v + 1) / 2
     * </pre>
     *
     * @param numbers in, {@link ReverseStep.Numbers}
     * @param x in, [N,H,W,C]
     * @param f in, [N,H,W,C] or, learned, [N,H,W,2C]; not read where the network did not run
     * @param slots in and out, [slots,N,H,W,C]; null where there are none
     * @param limit in, [N], see {@link #threshold}; null where clipping is another
     * @param next out, [N,H,W,C]; may be {@code x}
     * @param x0 out, [N,H,W,C]
     */
    void reverse(ReverseStep g, Buffer numbers, Buffer x, Buffer f, Buffer slots, Buffer limit, Buffer next, Buffer x0);

    /**
     * limit[n] = max(1, min(range, q)), q the quantile of |a * x + b * F| over image n: the value between the two sorted
     * ones beside place quantile * (count - 1), linearly. Dynamic thresholding, Saharia et al. 2022, section 2.3.
     *
     * @param numbers in, {@link ReverseStep.Numbers}: a, b, range, quantile
     * @param x in, [N,H,W,C]
     * @param f in, as of {@link #reverse}
     * @param limit out, [N]
     */
    void threshold(ReverseStep g, Buffer numbers, Buffer x, Buffer f, Buffer limit);

    /** y = inputScale * x: what the network is shown. @param n elements @param numbers in, {@link ReverseStep.Numbers} */
    void scale(long n, Buffer numbers, Buffer x, Buffer y);

    /**
     * The numbers that change from one batch of a training to the next, in device memory as those of {@link
     * OptimizerOps.UpdateNumbers}: I32 [{@link #WORDS}].
     *
     * <pre>
     * word  0      1         2     3
     *       epoch  position  step  firstRow
     * </pre>
     *
     * @param epoch pass over the data, from 0: each has its own permutation
     * @param position of this batch's row 0 within the epoch; position + rows is at most the number of images
     * @param step training step, from 0: each has its own noise
     * @param firstRow number of this batch's row 0 within the whole batch of which it is a part; 0 where it is the whole
     */
    record BatchNumbers(int epoch, int position, int step, int firstRow) {
        /** Size in words, 16 bytes. */
        public static final int WORDS = 4;

        public static final int EPOCH = 0;
        public static final int POSITION = 1;
        public static final int STEP = 2;
        public static final int FIRST_ROW = 3;

        /** What lies in device memory. */
        public int[] toWords() {
            int[] words = new int[WORDS];
            words[EPOCH] = epoch;
            words[POSITION] = position;
            words[STEP] = step;
            words[FIRST_ROW] = firstRow;
            return words;
        }
    }
}
