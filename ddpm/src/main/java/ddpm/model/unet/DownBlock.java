package ddpm.model.unet;

import ddpm.engine.nn.Conv2d;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;

/** One level on the way down: residual and attention units in turn, then a 4x4 convolution of stride 2. */
final class DownBlock {
    private final Units units;
    private final Conv2d downSample; // null where the level keeps its size

    /** Level {@code i} of the configuration. */
    DownBlock(Parameters p, UNetConfig config, int i) {
        String name = "downs." + i;
        int out = config.downChannels().get(i + 1);
        int layers = config.numDownLayers();
        int attentions = config.attention().get(i) ? layers : 0;
        this.units = Units.create(
                p, config, new Units.Place(name, config.downChannels().get(i), out, layers, attentions));
        this.downSample =
                config.downSample().get(i) ? new Conv2d(p, name + ".down_sample_conv", out, out, 4, 2, 1) : null;
    }

    /** [N,H,W,Cin] to [N,H/2,W/2,Cout]; leaves {@code x}, which is a skip connection, to the caller. */
    Tensor forward(Tensor x, Tensor emb) {
        Tensor y = units.inTurn(x, emb);
        return downSample == null ? y : y.into(downSample::forward);
    }
}
