package ddpm.model.unet2d;

import ddpm.engine.nn.GroupNorm;
import ddpm.engine.nn.Init;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/**
 * y = (to_out(attention(to_q(n), to_k(n), to_v(n))) + x) / outputScale with n = norm(x): every pixel of an image looks at all the
 * others. The three projections are parameters of their own in the state_dict and one product here.
 */
final class AttentionBlock {
    /**
     * Where a block is.
     *
     * @param name such as {@code mid_block.attentions.0}
     * @param width its channels
     * @param groups of the normalisation before it; 0 for none
     * @param outputScale what the sum is divided by
     */
    record Place(String name, int width, int groups, double outputScale) {}

    private record Projection(Tensor weight, Tensor bias) {}

    private final GroupNorm norm; // null for none
    private final Projection q;
    private final Projection k;
    private final Projection v;
    private final Linear out;
    private final int heads;
    private final double outputScale;

    AttentionBlock(Parameters p, UNet2DConfig config, Place place) {
        String name = place.name();
        int width = place.width();
        this.norm = place.groups() == 0
                ? null
                : new GroupNorm(p, name + ".group_norm", place.groups(), width, config.normEps());
        this.q = projection(p, name + ".to_q", width);
        this.k = projection(p, name + ".to_k", width);
        this.v = projection(p, name + ".to_v", width);
        this.out = new Linear(p, name + ".to_out.0", width, width);
        this.heads = config.heads(width);
        this.outputScale = place.outputScale();
    }

    private static Projection projection(Parameters p, String name, int width) {
        Init init = Init.kaimingUniform(Shape.of(width, width));
        return new Projection(
                p.create(name + ".weight", Shape.of(width, width), init),
                p.create(name + ".bias", Shape.of(width), init));
    }

    /** [N,H,W,C] to the same; ends {@code x}. */
    Tensor forward(Tensor x) {
        Tensor qkv = norm == null ? projected(x) : norm.forwardOperand(x).into(this::projected);
        Tensor y = qkv.into(packed -> packed.attention(heads)).into(out::forward);
        return x.into(straight -> Residual.sum(y, straight, null, outputScale));
    }

    /** Queries, keys and values, [N,H,W,3C]; leaves {@code x} to the caller. */
    private Tensor projected(Tensor x) {
        Tensor bias = q.bias.in(x.scope()).stack(k.bias, v.bias);
        Tensor qkv = q.weight.in(x.scope()).stack(k.weight, v.weight).into(weight -> x.linearOperand(weight, bias));
        bias.discard();
        return qkv;
    }
}
