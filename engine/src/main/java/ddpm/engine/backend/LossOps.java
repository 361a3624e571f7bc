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

    /** y = factor * sum(x). @param n elements @param y out, one element */
    void sum(long n, float factor, Buffer x, Buffer y);
}
