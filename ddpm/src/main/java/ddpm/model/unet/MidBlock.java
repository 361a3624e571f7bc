package ddpm.model.unet;

import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;

/** One block at the bottom: a residual unit, then attention and residual units in turn. */
final class MidBlock {
    private final Units units;

    /** From width {@code mid_channels[i]} to {@code [i+1]}. */
    MidBlock(Parameters p, UNetConfig config, int i) {
        int in = config.midChannels().get(i);
        int out = config.midChannels().get(i + 1);
        int layers = config.numMidLayers();
        int attentions = config.midAttention() ? layers : 0;
        this.units = Units.create(p, config, new Units.Place("mids." + i, in, out, layers + 1, attentions));
    }

    /** [N,H,W,Cin] to [N,H,W,Cout]; ends {@code x}. */
    Tensor forward(Tensor x, Tensor emb) {
        Tensor y = x;
        for (int i = 0; i < units.residuals().size(); i++) {
            Tensor r = units.residual(i, y, emb);
            y.discard();
            boolean last = i == units.residuals().size() - 1;
            y = last ? r : units.attention(i, r);
        }
        return y;
    }
}
