package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.NormOps.LayerNorm;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/**
 * y = (x - mean) / sqrt(var + eps) over the last extent of [..,C], times gamma plus beta where there are any. Keeps x and two floats
 * a row. Ba et al. 2016, section 3.
 */
public record LayerNormOp(LayerNorm geometry, Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor var)
        implements Op {
    /** @param gamma [C], null for none @param beta [C], null with gamma */
    public static Tensor apply(Tensor x, Tensor gamma, Tensor beta, float eps) {
        boolean affine = gamma != null;
        Check.operands("layerNorm", x, affine ? new Tensor[] {gamma, beta} : new Tensor[0]);
        Check.atLeastRank1("layerNorm", x);
        long c = x.shape().dim(-1);
        if (affine) {
            Check.shape("layerNorm", x, "gamma", gamma, c);
            Check.shape("layerNorm", x, "beta", beta, c);
        }
        LayerNorm g = new LayerNorm(x.count() / c, c, eps);
        boolean learns = affine ? Check.anyRequiresGrad(x, gamma, beta) : x.requiresGrad();
        Tensor y = x.scope().allocate(x.shape(), DType.F32, learns);
        Tensor mean = x.scope().empty(Shape.of(g.rows()));
        Tensor var = x.scope().empty(Shape.of(g.rows()));
        x.backend()
                .norm()
                .layerNorm(g, x.buffer(), buffer(gamma), buffer(beta), y.buffer(), mean.buffer(), var.buffer());
        return Tape.record(new LayerNormOp(g, x, gamma, beta, mean, var), y);
    }

    private static Buffer buffer(Tensor t) {
        return t == null ? null : t.buffer();
    }

    @Override
    public List<Tensor> reads() {
        return gamma == null ? List.of(x) : List.of(x, gamma);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        Tensor dgamma = gamma == null ? null : into.like(gamma);
        Tensor dbeta = beta == null ? null : into.like(beta);
        dy.backend()
                .norm()
                .layerNormBackward(
                        geometry,
                        x.buffer(),
                        buffer(gamma),
                        mean.buffer(),
                        var.buffer(),
                        dy.buffer(),
                        dx.buffer(),
                        buffer(dgamma),
                        buffer(dbeta));
        into.add(x, dx);
        if (gamma != null) {
            into.add(gamma, dgamma);
            into.add(beta, dbeta);
        }
    }

    @Override
    public List<Tensor> saved() {
        return List.of(mean, var);
    }
}
