package ddpm.engine.ops;

import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;

/**
 * x_t = signal * x_0 + noise * eps, with the numbers of a row of the table; in Ho et al. 2020, equation 4, row t has
 * sqrt(alphas_cumprod[t]) and sqrt(1 - alphas_cumprod[t]). The data and the noise have no gradients, so nothing is recorded.
 *
 * @param table [rows,8], see {@link NoiseAdd}
 */
public record QSample(Tensor table) {
    /**
     * A training batch.
     *
     * @param xt noisy images [N,H,W,C]
     * @param target what the model is to predict [N,H,W,C]
     * @param time what it is told about the noise [N]
     * @param weight of each image's loss [N]
     * @param row which row of the table, I32 [N]
     */
    public record Batch(Tensor xt, Tensor target, Tensor time, Tensor weight, Tensor row) {}

    public QSample {
        Check.operands("qSample", table);
        if (table.shape().rank() != 2 || table.shape().dim(1) != NoiseAdd.COLUMNS) {
            throw new TensorException("qSample: needs a table [rows," + NoiseAdd.COLUMNS + "], got " + table.shape());
        }
    }

    /** x_t of given images, rows and noise. @param x0 [N,H,W,C] @param row I32 [N] @param eps [N,H,W,C] */
    public Tensor apply(Tensor x0, Tensor row, Tensor eps) {
        Check.operands("qSample", x0, eps, table);
        Check.sameShape("qSample", x0, eps);
        Nhwc g = x0.nhwc("qSample");
        if (row.dtype() != DType.I32 || !row.shape().equals(Shape.of(g.n()))) {
            throw new TensorException(
                    "qSample: needs rows I32 [" + g.n() + "], got " + row.dtype() + " " + row.shape());
        }
        Tensor xt = x0.scope().empty(x0.shape());
        x0.backend().diffusion().qSample(g, x0.buffer(), row.buffer(), eps.buffer(), table.buffer(), xt.buffer());
        return xt;
    }

    /**
     * A batch from the resident data set with all that training on it needs, in one kernel. The result lives in the scope
     * of {@code images}; see {@link Tensor#in}.
     *
     * @param numbers {@link BatchNumbers}, I32 [4]; their rows must be within the epoch
     * @param images U8 [images,H,W,C]
     */
    public Batch batch(NoiseAdd g, Tensor numbers, Tensor images) {
        Nhwc x = g.batch();
        Nhwc all = images.nhwc("noiseAdd");
        if (images.dtype() != DType.U8 || !all.equals(new Nhwc(g.images(), x.h(), x.w(), x.c()))) {
            throw new TensorException("noiseAdd: needs images U8 [" + g.images() + "," + x.h() + "," + x.w() + ","
                    + x.c() + "], got " + images.dtype() + " " + images.shape());
        }
        if (g.rows() != table.shape().dim(0)) {
            throw new TensorException("noiseAdd: draws of " + g.rows() + " rows but the table is " + table.shape());
        }
        if (x.n() > g.images()) {
            throw new TensorException("noiseAdd: " + x.n() + " rows from " + g.images() + " images; shorten the batch");
        }
        if (x.n() > g.whole()) {
            throw new TensorException("noiseAdd: " + x.n() + " rows are no part of a batch of " + g.whole());
        }
        Check.words("noiseAdd", BatchNumbers.WORDS, numbers);
        Batch batch = new Batch(
                images.scope().empty(Shape.of(x)),
                images.scope().empty(Shape.of(x)),
                images.scope().empty(Shape.of(x.n())),
                images.scope().empty(Shape.of(x.n())),
                images.scope().allocate(Shape.of(x.n()), DType.I32, false));
        images.backend()
                .diffusion()
                .noiseAdd(
                        g,
                        numbers.buffer(),
                        images.buffer(),
                        table.buffer(),
                        batch.xt().buffer(),
                        batch.target().buffer(),
                        batch.time().buffer(),
                        batch.weight().buffer(),
                        batch.row().buffer());
        return batch;
    }
}
