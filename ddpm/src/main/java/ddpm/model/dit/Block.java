package ddpm.model.dit;

import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * One block: x = x + gate attn(norm(x) (1 + scale) + shift), then the same with an MLP (Linear, GELU by tanh, Linear) and three vectors
 * of its own. Every patch looks at all the others of its image. Peebles &amp; Xie 2023, section 3.2 and figure 3.
 */
final class Block {
    /** In the order of adaLN_modulation's result: shift, scale and gate of the attention, then those of the MLP. */
    private static final int PARTS = 6;

    private static final int OF_ATTENTION = 0;
    private static final int OF_MLP = 3;
    private static final int GATE = 2;

    private final Linear qkv;
    private final Linear proj;
    private final Linear fc1;
    private final Linear fc2;
    private final Modulation modulation;
    private final int heads;

    Block(Parameters p, DiTConfig config, int number) {
        String name = "blocks." + number;
        int width = config.hiddenSize();
        this.qkv = DiT.linear(p, name + ".attn.qkv", width, 3 * width);
        this.proj = DiT.linear(p, name + ".attn.proj", width, width);
        this.fc1 = DiT.linear(p, name + ".mlp.fc1", width, config.mlpWidth());
        this.fc2 = DiT.linear(p, name + ".mlp.fc2", config.mlpWidth(), width);
        this.modulation = new Modulation(p, name, width, PARTS);
        this.heads = config.numHeads();
    }

    /** [N,h,w,D] to the same; ends {@code x}. @param condition silu of the embedding [N,D] */
    Tensor forward(Tensor x, Tensor condition) {
        Tensor all = modulation.forward(condition);
        Tensor y = x.into(in -> branch(in, all, OF_ATTENTION, this::attention))
                .into(in -> branch(in, all, OF_MLP, this::mlp));
        all.discard();
        return y;
    }

    private Tensor branch(Tensor x, Tensor all, int first, UnaryOperator<Tensor> what) {
        Tensor b = modulation.normalised(x, all, first).into(what);
        Tensor gate = modulation.part(all, first + GATE);
        Tensor y = x.addGated(b, gate);
        b.discard();
        gate.discard();
        return y;
    }

    /** Leaves {@code n} to the caller. */
    private Tensor attention(Tensor n) {
        return qkv.forward(n).into(packed -> packed.attention(heads)).into(proj::forward);
    }

    /** Leaves {@code n} to the caller. */
    private Tensor mlp(Tensor n) {
        return fc1.forward(n).into(Tensor::geluTanh).into(fc2::forward);
    }
}
