package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/** y[p,c] = x[p,from+c]: the channels from .. to-1. Keeps nothing. */
public record SliceChannelsOp(Tensor x, long from) implements Op {
    public static Tensor apply(Tensor x, long from, long to) {
        Check.operands("sliceChannels", x);
        Check.atLeastRank1("sliceChannels", x);
        long c = x.shape().dim(-1);
        if (from < 0 || from >= to || to > c) {
            throw new TensorException(
                    "sliceChannels: needs 0 <= from < to <= C=" + c + ", got from=" + from + ", to=" + to);
        }
        Tensor y = x.scope().allocate(x.shape().withLast(to - from), DType.F32, x.requiresGrad());
        x.backend().layout().sliceChannels(x.count() / c, c, from, to - from, x.buffer(), y.buffer());
        return Tape.record(new SliceChannelsOp(x, from), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        long c = x.shape().dim(-1);
        dy.backend()
                .layout()
                .sliceChannelsBackward(x.count() / c, c, from, dy.shape().dim(-1), dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
