package ddpm.model.unet2d;

import ddpm.engine.nn.Embedding;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;
import ddpm.model.Probe;

/**
 * Times to vectors: sines and cosines, Linear, SiLU, Linear; where the network knows classes, the vector of the image's class is
 * added. An image without a label gets nothing.
 */
final class TimeEmbedding {
    private final UNet2DConfig config;
    private final Linear first;
    private final Linear second;
    private final Embedding classes; // null without classes

    TimeEmbedding(Parameters p, UNet2DConfig config, int classes) {
        int width = config.timeWidth();
        this.config = config;
        this.first = new Linear(p, "time_embedding.linear_1", config.waves(), width);
        this.second = new Linear(p, "time_embedding.linear_2", width, width);
        this.classes = classes == 0 ? null : new Embedding(p, "class_embedding", classes, width);
    }

    /**
     * F32 [N] to [N,D]: silu of the embedding, which is where every block's projection begins.
     *
     * @param label I32 [N], or null for none
     */
    Tensor forward(Tensor time, Tensor label, Probe probe) {
        Tensor emb = config.waves(time).into(first::forward).into(Tensor::silu).into(second::forward);
        probe.see("time_embedding", emb);
        if (label == null) {
            return emb.into(Tensor::silu);
        }
        Tensor of = classes.forward(label);
        Tensor both = emb.into(e -> e.add(of));
        of.discard();
        return both.into(Tensor::silu);
    }
}
