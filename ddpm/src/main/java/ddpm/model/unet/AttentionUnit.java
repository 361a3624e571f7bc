package ddpm.model.unet;

import ddpm.engine.nn.GroupNorm;
import ddpm.engine.nn.MultiHeadAttention;
import ddpm.engine.tensor.Tensor;

/** y = x + attention(norm(x)): every pixel of an image looks at all the others. */
record AttentionUnit(GroupNorm norm, MultiHeadAttention attention) {

    /** [N,H,W,C] to the same; ends {@code x}. */
    Tensor forward(Tensor x) {
        Tensor y = norm.forwardOperand(x).into(attention::forward);
        return x.into(y::addInPlace); // the projection does not keep its result
    }
}
