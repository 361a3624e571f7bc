package ddpm.model.unet;

import ddpm.engine.nn.Embedding;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;
import ddpm.model.Probe;

/**
 * Times to vectors: sines and cosines (Vaswani et al. 2017, section 3.5), Linear, SiLU, Linear; where the network knows classes, the
 * vector of the image's class is added. An image without a label gets nothing: its network is the one without classes.
 */
final class TimeEmbedding {
    private final int dim;
    private final Linear first;
    private final Linear second;
    private Embedding classes; // null without classes

    TimeEmbedding(Parameters p, int dim) {
        this.dim = dim;
        this.first = new Linear(p, "t_proj.0", dim, dim);
        this.second = new Linear(p, "t_proj.2", dim, dim);
    }

    /** Makes the vectors of the classes, behind all other parameters: those are then the reference's, in its order. */
    void addClasses(Parameters p, int count) {
        classes = new Embedding(p, "class_emb", count, dim);
    }

    /**
     * F32 [N] to [N,dim]: silu of the embedding, which is where every block's projection begins.
     *
     * @param label I32 [N], or null for none
     */
    Tensor forward(Tensor time, Tensor label, Probe probe) {
        Tensor emb = time.timestepEmbedding(dim)
                .into(first::forward)
                .into(Tensor::silu)
                .into(second::forward);
        probe.see("t_proj", emb);
        if (label == null) {
            return emb.into(Tensor::silu);
        }
        Tensor of = classes.forward(label);
        Tensor both = emb.into(e -> e.add(of));
        of.discard();
        return both.into(Tensor::silu);
    }
}
