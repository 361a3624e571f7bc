package ddpm.model.unet;

import ddpm.engine.nn.GroupNorm;
import ddpm.engine.nn.MultiHeadAttention;
import ddpm.engine.tensor.Tensor;

/** y = x + attention(norm(x)): every pixel of an image looks at all the others. */
record AttentionUnit(GroupNorm norm, MultiHeadAttention attention) {

    /** [N,H,W,C] to the same; ends {@code x}. */
    Tensor forward(Tensor x) {
        Tensor n = norm.forwardOperand(x);
        Tensor y = attention.forward(n);
        n.discard();
        y = y.addInPlace(x); // the projection does not keep its result
        x.discard();
        return y;
    }
}
