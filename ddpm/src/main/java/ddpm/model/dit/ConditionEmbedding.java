package ddpm.model.dit;

import ddpm.engine.nn.Embedding;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;
import ddpm.model.Probe;

/**
 * What all blocks are told: t as sines and cosines, Linear, SiLU, Linear; where the network knows classes, the vector of the image's
 * class is added. An image without a label gets nothing, as in the other networks here (docs/decisions/0026-labels.md): the table has a
 * row for each class and none for "no class", which is DiT's own with class_dropout_prob=0.
 */
final class ConditionEmbedding {
    /** Sines and cosines that a time becomes first, frequency_embedding_size. */
    private static final int WAVES = 256;

    private final Linear first;
    private final Linear second;
    private final Embedding classes; // null without classes

    ConditionEmbedding(Parameters p, int width, int classes) {
        this.first = new Linear(p, "t_embedder.mlp.0", WAVES, width);
        this.second = new Linear(p, "t_embedder.mlp.2", width, width);
        this.classes = classes == 0 ? null : new Embedding(p, "y_embedder.embedding_table", classes, width);
    }

    /**
     * F32 [N] to [N,D]: silu of the embedding, which is where every block's modulation begins.
     *
     * @param label I32 [N], or null for none
     */
    Tensor forward(Tensor time, Tensor label, Probe probe) {
        Tensor emb = time.timestepEmbedding(WAVES, 0, true)
                .into(first::forward)
                .into(Tensor::silu)
                .into(second::forward);
        probe.see("t_embedder", emb);
        if (label == null) {
            return emb.into(Tensor::silu);
        }
        Tensor of = classes.forward(label);
        probe.see("y_embedder", of);
        Tensor both = emb.into(e -> e.add(of));
        of.discard();
        return both.into(Tensor::silu);
    }
}
