package ddpm.engine.nn;

import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/**
 * Self-attention between the pixels of each image, [N,H,W,C] to [N,H,W,C]: torch.nn.MultiheadAttention(C, heads,
 * batch_first=True)(x, x, x) with the pixels as tokens. Vaswani et al. 2017, section 3.2.2.
 */
public final class MultiHeadAttention {
    private final Tensor inWeight;
    private final Tensor inBias;
    private final Linear out;
    private final int heads;

    /** Creates {@code name.in_proj_weight} [3C,C] (queries, keys, values), in_proj_bias, out_proj.weight, out_proj.bias. */
    public MultiHeadAttention(Parameters p, String name, int channels, int heads) {
        Shape packed = Shape.of(3L * channels, channels);
        this.inWeight = p.create(name + ".in_proj_weight", packed, Init.xavierUniform(packed));
        this.inBias = p.create(name + ".in_proj_bias", Shape.of(3L * channels), Init.constant(0));
        this.out = new Linear(p, name + ".out_proj", channels, channels, Init.constant(0));
        this.heads = heads;
    }

    public Tensor forward(Tensor x) {
        return x.linearOperand(inWeight, inBias)
                .into(qkv -> qkv.attention(heads))
                .into(out::forward);
    }
}
