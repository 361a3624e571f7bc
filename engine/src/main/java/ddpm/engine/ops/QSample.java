package ddpm.engine.ops;

import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.StepNumbers;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;

/**
 * x_t = sqrt(alphas_cumprod[t]) * x_0 + sqrt(1 - alphas_cumprod[t]) * eps. Ho et al. 2020, equation 4. The data and the
 * noise have no gradients, so nothing is recorded.
 *
 * @param sqrtAlphasCumprod [T]
 * @param sqrtOneMinusAlphasCumprod [T]
 */
public record QSample(Tensor sqrtAlphasCumprod, Tensor sqrtOneMinusAlphasCumprod) {
    /**
     * A training batch.
     *
     * @param xt noisy images [N,H,W,C]
     * @param eps the noise in them, the model's target [N,H,W,C]
     * @param t timesteps I32 [N]
     */
    public record Batch(Tensor xt, Tensor eps, Tensor t) {}

    public QSample {
        Check.operands("qSample", sqrtAlphasCumprod, sqrtOneMinusAlphasCumprod);
        if (sqrtAlphasCumprod.shape().rank() != 1) {
            throw new TensorException("qSample: needs tables [T], got " + sqrtAlphasCumprod.shape());
        }
        Check.sameShape("qSample", sqrtAlphasCumprod, sqrtOneMinusAlphasCumprod);
    }

    /** x_t of given images, timesteps and noise. @param x0 [N,H,W,C] @param t I32 [N] @param eps [N,H,W,C] */
    public Tensor apply(Tensor x0, Tensor t, Tensor eps) {
        Check.operands("qSample", x0, eps, sqrtAlphasCumprod);
        Check.sameShape("qSample", x0, eps);
        Nhwc g = x0.nhwc("qSample");
        if (t.dtype() != DType.I32 || !t.shape().equals(Shape.of(g.n()))) {
            throw new TensorException(
                    "qSample: needs timesteps I32 [" + g.n() + "], got " + t.dtype() + " " + t.shape());
        }
        Tensor xt = x0.scope().empty(x0.shape());
        x0.backend()
                .random()
                .qSample(
                        g,
                        x0.buffer(),
                        t.buffer(),
                        eps.buffer(),
                        sqrtAlphasCumprod.buffer(),
                        sqrtOneMinusAlphasCumprod.buffer(),
                        xt.buffer());
        return xt;
    }

    /**
     * A batch from the resident data set, its timesteps and its noise, all in one kernel. The result lives in the scope
     * of {@code images}; see {@link Tensor#in}.
     *
     * @param numbers {@link StepNumbers}, I32 [16]; their rows must be within the epoch
     * @param images U8 [images,H,W,C]
     */
    public Batch batch(NoiseAdd g, Tensor numbers, Tensor images) {
        Nhwc x = g.batch();
        Nhwc all = images.nhwc("noiseAdd");
        if (images.dtype() != DType.U8 || !all.equals(new Nhwc(g.images(), x.h(), x.w(), x.c()))) {
            throw new TensorException("noiseAdd: needs images U8 [" + g.images() + "," + x.h() + "," + x.w() + ","
                    + x.c() + "], got " + images.dtype() + " " + images.shape());
        }
        if (g.timesteps() != sqrtAlphasCumprod.count()) {
            throw new TensorException("noiseAdd: T=" + g.timesteps() + " but the schedule's tables have "
                    + sqrtAlphasCumprod.count() + " entries");
        }
        if (x.n() > g.images()) {
            throw new TensorException("noiseAdd: " + x.n() + " rows from " + g.images() + " images; shorten the batch");
        }
        Check.words("noiseAdd", StepNumbers.WORDS, numbers);
        Tensor xt = images.scope().empty(Shape.of(x));
        Tensor eps = images.scope().empty(Shape.of(x));
        Tensor t = images.scope().allocate(Shape.of(x.n()), DType.I32, false);
        images.backend()
                .random()
                .noiseAdd(
                        g,
                        numbers.buffer(),
                        images.buffer(),
                        sqrtAlphasCumprod.buffer(),
                        sqrtOneMinusAlphasCumprod.buffer(),
                        xt.buffer(),
                        eps.buffer(),
                        t.buffer());
        return new Batch(xt, eps, t);
    }
}
