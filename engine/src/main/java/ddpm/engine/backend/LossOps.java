package ddpm.engine.backend;

/** Reductions to one number, in a fixed order. */
public interface LossOps {
    /**
     * Mean squared errors of images, and their weighted mean, summed in double:
     *
     * <pre>
     * perImage[i] = mean((pred[i] - target[i])^2)    loss = mean(weight[i] * perImage[i])
     * </pre>
     *
     * @param length elements of an image
     * @param pred in, [images,length]
     * @param target in, [images,length]
     * @param weight in, [images]; null for ones
     * @param perImage out, [images]; null where nobody asks
     * @param loss out, one element
     */
    void mse(long images, long length, Buffer pred, Buffer target, Buffer weight, Buffer perImage, Buffer loss);

    /**
     * dpred[i] = dloss * 2 weight[i] (pred[i] - target[i]) / (images * length).
     *
     * @param length elements of an image
     * @param weight in, [images]; null for ones
     * @param dloss in, one element
     * @param dpred out, [images,length]
     */
    void mseBackward(long images, long length, Buffer pred, Buffer target, Buffer weight, Buffer dloss, Buffer dpred);

    /**
     * Cross entropy of a softmax and a label, row by row, which nothing overflows:
     *
     * <pre>
     * logSum[i] = log(sum over k of exp(x[i][k]))    perRow[i] = logSum[i] - x[i][label[i]]
     * </pre>
     *
     * @param x in, [rows,classes]
     * @param label in, I32 [rows]; NaN where it is not 0 .. classes - 1
     * @param logSum out, [rows]
     * @param perRow out, [rows]
     */
    void crossEntropy(long rows, long classes, Buffer x, Buffer label, Buffer logSum, Buffer perRow);

    /**
     * Of the mean of {@code perRow}: dx[i][k] = dloss / rows * (exp(x[i][k] - logSum[i]) - (k == label[i] ? 1 : 0)).
     *
     * @param dloss in, one element
     * @param dx out, [rows,classes]
     */
    void crossEntropyBackward(long rows, long classes, Buffer x, Buffer label, Buffer logSum, Buffer dloss, Buffer dx);

    /**
     * The loss of a network whose output has F and v of each pixel, v for the variance of its step. Nichol &amp; Dhariwal
     * 2021, section 3.1. With {@code e = F - target}, {@code f = (v + 1) / 2}, {@code d = -f range}:
     *
     * <pre>
     * nats        = (expm1(d) - d + error e^2 exp(d)) / 2
     * nats        = -log(max(P, 1e-12))                         where the row decodes
     * perImage[i] = mean(weight[i] e^2 + bound nats)            loss = mean(perImage)
     * </pre>
     *
     * The first is the KL of the posterior to the model's step. P is the probability of the bin, 2/255 wide, of the level x_0 =
     * imageX x_t + imageF target under a Gaussian of mean x_0 + imageF e and variance exp(logSmall + f range); the bins of the
     * levels -1 and 1 reach to infinity. Its distribution function is (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) / 2, as in
     * the paper's code. Summed in double.
     *
     * @param pred in, [N,H,W,2C]
     * @param target in, [N,H,W,C]
     * @param xt in, [N,H,W,C], as the network saw it
     * @param weight in, [N]
     * @param row in, I32 [N]: which row of the table
     * @param table in, [rows,COLUMNS], see {@link HybridLoss}
     * @param perImage out, [N]
     * @param loss out, one element
     */
    void hybrid(
            HybridLoss g,
            Buffer pred,
            Buffer target,
            Buffer xt,
            Buffer weight,
            Buffer row,
            Buffer table,
            Buffer perImage,
            Buffer loss);

    /**
     * F's half of dpred is that of the squared error alone, v's half that of the nats with e held fixed:
     *
     * <pre>
     * dF = dloss * 2 weight[i] e / (images * length)    dv = dloss * bound * dnats/dv / (images * length)
     * </pre>
     *
     * @param dloss in, one element
     * @param dpred out, [N,H,W,2C]
     */
    void hybridBackward(
            HybridLoss g,
            Buffer pred,
            Buffer target,
            Buffer xt,
            Buffer weight,
            Buffer row,
            Buffer table,
            Buffer dloss,
            Buffer dpred);

    /**
     * kept[slot, firstRow + i] = {row[i], loss[i]}: what each image of a step cost, where slot and firstRow are those of the step's
     * numbers.
     *
     * @param images of this batch, or of a part of one
     * @param whole images for which a slot has room
     * @param batch in, {@link DiffusionOps.BatchNumbers}
     * @param update in, {@link OptimizerOps.UpdateNumbers}
     * @param row in, I32 [images], below 2^24
     * @param loss in, [images]
     * @param kept out, [slots,whole,2]
     */
    void keep(long images, long whole, Buffer batch, Buffer update, Buffer row, Buffer loss, Buffer kept);

    /** y = factor * sum(x). @param n elements @param y out, one element */
    void sum(long n, float factor, Buffer x, Buffer y);
}
