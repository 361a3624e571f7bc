package ddpm.model.unet;

import ddpm.engine.nn.ConvTranspose2d;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;

/**
 * One level on the way up: a 4x4 transposed convolution of stride 2, the skip connection beside it, residual and
 * attention units in turn.
 */
final class UpBlock {
    private final Units units;
    private final ConvTranspose2d upSample; // null where the level keeps its size

    /** The twin of level {@code level}, number {@code i} on the way up. */
    UpBlock(Parameters p, UNetConfig config, int i, int level) {
        String name = "ups." + i;
        int in = config.downChannels().get(level);
        int layers = config.numUpLayers();
        int attentions = config.attention().get(level) ? layers : 0;
        this.units =
                Units.create(p, config, new Units.Place(name, 2 * in, config.upChannels(level), layers, attentions));
        this.upSample = config.downSample().get(level)
                ? new ConvTranspose2d(p, name + ".up_sample_conv", in, in, 4, 2, 1)
                : null;
    }

    /** [N,H,W,C] and the skip [N,2H,2W,C] to [N,2H,2W,Cout]; ends both. */
    Tensor forward(Tensor x, Tensor skip, Tensor emb) {
        Tensor up = upSample == null ? x : x.into(upSample::forward);
        Tensor both = up.into(u -> u.concatChannels(skip));
        skip.discard();
        return both.into(b -> units.inTurn(b, emb));
    }
}
