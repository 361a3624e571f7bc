package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.LayoutOps.Squares;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/**
 * y[n,h*s+i,w*s+j,c] = x[n,h,w,(i*s+j)*C+c]: each pixel of [N,H,W,s*s*C] becomes a square of s by s, [N,H*s,W*s,C]. The patches of a
 * transformer as an image again. Keeps nothing.
 */
public record DepthToSpaceOp(Squares geometry, Tensor x) implements Op {
    public static Tensor apply(Tensor x, int side) {
        Check.operands("depthToSpace", x);
        Nhwc in = x.nhwc("depthToSpace");
        if (side < 1 || in.c() % ((long) side * side) != 0) {
            throw new TensorException("depthToSpace: squares of side " + side + " need a multiple of "
                    + (long) side * side + " channels, got x=" + x.shape() + "; choose a side whose square divides C="
                    + in.c());
        }
        Squares g = Squares.of(in, side);
        Tensor y = x.scope().allocate(Shape.of(g.image()), DType.F32, x.requiresGrad());
        x.backend().layout().depthToSpace(g, x.buffer(), y.buffer());
        return Tape.record(new DepthToSpaceOp(g, x), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().layout().spaceToDepth(geometry, dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
