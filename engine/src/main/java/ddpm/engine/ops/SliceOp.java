package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/** y[..,i,..] = x[..,from+i,..]: the elements from .. to-1 of one extent. Keeps nothing. */
public record SliceOp(Tensor x, int axis, long from) implements Op {
    /** @param axis from 0; a negative one counts from the end, so -1 is the innermost */
    public static Tensor apply(Tensor x, int axis, long from, long to) {
        Check.operands("slice", x);
        int rank = x.shape().rank();
        if (axis < -rank || axis >= rank) {
            throw new TensorException("slice: axis=" + axis + " is none of the " + rank + " of " + x.shape());
        }
        return slice("slice", x, axis < 0 ? rank + axis : axis, from, to);
    }

    /** Of the innermost extent. */
    public static Tensor channels(Tensor x, long from, long to) {
        Check.operands("sliceChannels", x);
        Check.atLeastRank1("sliceChannels", x);
        return slice("sliceChannels", x, x.shape().rank() - 1, from, to);
    }

    private static Tensor slice(String op, Tensor x, int axis, long from, long to) {
        long extent = x.shape().dim(axis);
        if (from < 0 || from >= to || to > extent) {
            throw new TensorException(op + ": needs 0 <= from < to <= " + extent + ", extent " + axis + " of "
                    + x.shape() + ", got from=" + from + ", to=" + to);
        }
        long[] extents = x.shape().toArray();
        extents[axis] = to - from;
        Tensor y = x.scope().allocate(Shape.of(extents), DType.F32, x.requiresGrad());
        long inner = inner(x, axis);
        long outer = x.count() / (extent * inner);
        x.backend()
                .layout()
                .sliceChannels(outer, extent * inner, from * inner, (to - from) * inner, x.buffer(), y.buffer());
        return Tape.record(new SliceOp(x, axis, from), y);
    }

    /** Elements behind each index of an extent: a slice of it is one of the channels of so many more. */
    private static long inner(Tensor x, int axis) {
        long inner = 1;
        for (int i = axis + 1; i < x.shape().rank(); i++) {
            inner *= x.shape().dim(i);
        }
        return inner;
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        long inner = inner(x, axis);
        long row = x.shape().dim(axis) * inner;
        dy.backend()
                .layout()
                .sliceChannelsBackward(
                        x.count() / row, row, from * inner, dy.shape().dim(axis) * inner, dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
