package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.GroupNorm;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/**
 * y = silu(groupNorm(x)) in one pass over memory; its composed twin is {@link GroupNormOp} then {@link SiluOp}. Keeps x
 * and 2*N*G floats: the normalised value is recomputed in the backward.
 */
public record GroupNormSiluOp(GroupNorm geometry, Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor var)
        implements Op {
    public static Tensor apply(Tensor x, Tensor gamma, Tensor beta, int groups, float eps) {
        return apply(GroupNormOp.check("groupNormSilu", x, gamma, beta, groups, eps), x, gamma, beta);
    }

    /** For convolutions and linear layers alone: stored as the backend's {@link Backend#operands}. */
    public static Tensor operand(Tensor x, Tensor gamma, Tensor beta, int groups, float eps) {
        GroupNorm g = GroupNormOp.check("groupNormSilu", x, gamma, beta, groups, eps);
        return apply(g.storedAs(x.backend().operands()), x, gamma, beta);
    }

    private static Tensor apply(GroupNorm g, Tensor x, Tensor gamma, Tensor beta) {
        Tensor y = x.scope().allocate(x.shape(), Check.stored(g.operand()), Check.anyRequiresGrad(x, gamma, beta));
        Tensor mean = x.scope().empty(Shape.of(g.x().n(), g.groups()));
        Tensor var = x.scope().empty(Shape.of(g.x().n(), g.groups()));
        x.backend()
                .norm()
                .groupNormSilu(g, x.buffer(), gamma.buffer(), beta.buffer(), y.buffer(), mean.buffer(), var.buffer());
        return Tape.record(new GroupNormSiluOp(g, x, gamma, beta, mean, var), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(x, gamma, beta);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        Tensor dgamma = into.like(gamma);
        Tensor dbeta = into.like(beta);
        dy.backend()
                .norm()
                .groupNormSiluBackward(
                        geometry,
                        x.buffer(),
                        gamma.buffer(),
                        beta.buffer(),
                        mean.buffer(),
                        var.buffer(),
                        dy.buffer(),
                        dx.buffer(),
                        dgamma.buffer(),
                        dbeta.buffer());
        into.add(x, dx);
        into.add(gamma, dgamma);
        into.add(beta, dbeta);
    }

    @Override
    public List<Tensor> saved() {
        return List.of(mean, var);
    }
}
