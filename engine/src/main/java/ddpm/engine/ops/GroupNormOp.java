package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NormOps.Activation;
import ddpm.engine.backend.NormOps.GroupNorm;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/**
 * y = act(gamma * (x - mean) / sqrt(var + eps) + beta) in one pass over memory. Keeps x and 2*N*G floats: what the activation
 * took is recomputed in the backward. With SiLU its composed twin is this without one, then {@link SiluOp}. Wu &amp; He 2018,
 * section 3.1.
 */
public record GroupNormOp(GroupNorm geometry, Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor var)
        implements Op {
    public static Tensor apply(Tensor x, Tensor gamma, Tensor beta, int groups, float eps, Activation activation) {
        return apply(check(x, gamma, beta, groups, eps, activation), x, gamma, beta);
    }

    /** For linear layers and convolutions alone: stored as the backend's {@link Backend#operands}. */
    public static Tensor operand(Tensor x, Tensor gamma, Tensor beta, int groups, float eps, Activation activation) {
        GroupNorm g = check(x, gamma, beta, groups, eps, activation);
        return apply(g.storedAs(x.backend().operands()), x, gamma, beta);
    }

    private static Tensor apply(GroupNorm g, Tensor x, Tensor gamma, Tensor beta) {
        Tensor y = x.scope().allocate(x.shape(), Check.stored(g.operand()), Check.anyRequiresGrad(x, gamma, beta));
        Tensor mean = x.scope().empty(Shape.of(g.x().n(), g.groups()));
        Tensor var = x.scope().empty(Shape.of(g.x().n(), g.groups()));
        x.backend()
                .norm()
                .groupNorm(g, x.buffer(), gamma.buffer(), beta.buffer(), y.buffer(), mean.buffer(), var.buffer());
        return Tape.record(new GroupNormOp(g, x, gamma, beta, mean, var), y);
    }

    private static GroupNorm check(Tensor x, Tensor gamma, Tensor beta, int groups, float eps, Activation activation) {
        String op = activation == Activation.NONE ? "groupNorm" : "groupNormSilu"; // as Tensor calls them
        Check.operands(op, x, gamma, beta);
        Nhwc e = x.nhwc(op);
        Check.divides(op, "groups", groups, "C", e.c(), x);
        Check.shape(op, x, "gamma", gamma, e.c());
        Check.shape(op, x, "beta", beta, e.c());
        return new GroupNorm(e, groups, eps).then(activation);
    }

    @Override
    public List<Tensor> reads() {
        return geometry.activation() == Activation.NONE ? List.of(x, gamma) : List.of(x, gamma, beta);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        Tensor dgamma = into.like(gamma);
        Tensor dbeta = into.like(beta);
        dy.backend()
                .norm()
                .groupNormBackward(
                        geometry,
                        x.buffer(),
                        gamma.buffer(),
                        geometry.activation() == Activation.NONE ? null : beta.buffer(),
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
