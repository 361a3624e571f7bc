package ddpm.model.unet2d;

import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;

/** The bottom: a residual block, attention unless it is left out, a residual block. */
final class MidBlock {
    private final AttentionBlock attention; // null for none
    private final ResnetBlock first;
    private final ResnetBlock second;

    MidBlock(Parameters p, UNet2DConfig config) {
        int width = config.lastWidth();
        double scale = config.midBlockScaleFactor();
        this.attention = config.addAttention()
                ? new AttentionBlock(
                        p,
                        config,
                        new AttentionBlock.Place("mid_block.attentions.0", width, config.midNormGroups(), scale))
                : null;
        this.first = new ResnetBlock(p, config, "mid_block.resnets.0", width, width, scale);
        this.second = new ResnetBlock(p, config, "mid_block.resnets.1", width, width, scale);
    }

    /** [N,H,W,C] to the same; leaves {@code x}, which is a skip connection, to the caller. */
    Tensor forward(Tensor x, Tensor emb) {
        Tensor h = first.forward(x, emb);
        return (attention == null ? h : attention.forward(h)).into(a -> second.forward(a, emb));
    }
}
