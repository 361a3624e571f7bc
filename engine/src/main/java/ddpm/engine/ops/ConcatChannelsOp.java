package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/** y[p] = a[p] followed by b[p] for each pixel: [..,Ca] and [..,Cb] to [..,Ca+Cb]. Keeps nothing. */
public record ConcatChannelsOp(Tensor a, Tensor b) implements Op {
    public static Tensor apply(Tensor a, Tensor b) {
        Check.operands("concatChannels", a, b);
        Check.atLeastRank1("concatChannels", a);
        Check.atLeastRank1("concatChannels", b);
        long ca = a.shape().dim(-1);
        long cb = b.shape().dim(-1);
        if (!a.shape().equals(b.shape().withLast(ca))) {
            throw new TensorException("concatChannels: all extents but the channels must agree, got " + a.shape()
                    + " and " + b.shape() + "; pad or crop one");
        }
        Tensor y = a.scope().allocate(a.shape().withLast(ca + cb), DType.F32, Check.anyRequiresGrad(a, b));
        a.backend().layout().concatChannels(a.count() / ca, ca, a.buffer(), cb, b.buffer(), y.buffer());
        return Tape.record(new ConcatChannelsOp(a, b), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        slice(dy, 0, a, into);
        slice(dy, a.shape().dim(-1), b, into);
    }

    private static void slice(Tensor dy, long from, Tensor input, Gradients into) {
        if (into.wants(input)) {
            Tensor d = into.like(input);
            long c = dy.shape().dim(-1);
            dy.backend()
                    .layout()
                    .sliceChannels(dy.count() / c, c, from, input.shape().dim(-1), dy.buffer(), d.buffer());
            into.add(input, d);
        }
    }
}
