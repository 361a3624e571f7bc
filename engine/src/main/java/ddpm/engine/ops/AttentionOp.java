package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Precision;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/**
 * Multi-head softmax self-attention of packed queries, keys and values: qkv [N,T,3C] or [N,H,W,3C] with T = H*W, result
 * [..,C], stored as qkv is. Keeps qkv, the result, and what the backend asks for (no T x T matrix). Vaswani et al. 2017, section 3.2.
 */
public record AttentionOp(Attention geometry, Tensor qkv, Tensor y, List<Tensor> state) implements Op {
    public static Tensor apply(Tensor qkv, int heads) {
        Precision stored = Check.operand("attention", qkv);
        if (qkv.shape().rank() < 3 || qkv.shape().dim(-1) % 3 != 0) {
            throw new TensorException("attention: needs packed [N,T,3C] or [N,H,W,3C], got " + qkv.shape()
                    + "; project to 3C channels first");
        }
        long c = qkv.shape().dim(-1) / 3;
        Check.divides("attention", "heads", heads, "C", c, qkv);
        long n = qkv.shape().dim(0);
        Attention g = new Attention(n, qkv.count() / n / (3 * c), heads, c / heads, stored);
        Tensor y = qkv.scope().allocate(qkv.shape().withLast(c), Check.stored(stored), qkv.requiresGrad());
        long kept = qkv.backend().attention().stateElements(g);
        List<Tensor> state = kept == 0 ? List.of() : List.of(qkv.scope().empty(Shape.of(kept)));
        AttentionOp op = new AttentionOp(g, qkv, y, state);
        qkv.backend().attention().attention(g, qkv.buffer(), y.buffer(), op.stateBuffer());
        return Tape.record(op, y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(qkv, y);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dqkv = into.storedLike(qkv);
        dy.backend()
                .attention()
                .attentionBackward(geometry, qkv.buffer(), y.buffer(), stateBuffer(), dy.buffer(), dqkv.buffer());
        into.add(qkv, dqkv);
    }

    private Buffer stateBuffer() {
        return state.isEmpty() ? null : state.get(0).buffer();
    }

    @Override
    public List<Tensor> saved() {
        return state;
    }
}
