package ddpm.model.unet2d;

import ddpm.engine.nn.Conv2d;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One level on the way up: residual blocks, each beside one more skip connection and with attention behind it or none with, then
 * every pixel four times and a 3x3 convolution.
 */
final class UpBlock {
    private final List<AttentionBlock> attentions = new ArrayList<>(); // empty for none
    private final List<ResnetBlock> resnets = new ArrayList<>();
    private final Conv2d doubled; // null in the last level

    /** Number {@code i} on the way up. */
    UpBlock(Parameters p, UNet2DConfig config, int i) {
        String name = "up_blocks." + i;
        int last = config.levels() - 1;
        int out = config.blockOutChannels().get(last - i);
        int before = config.blockOutChannels().get(Math.min(last, last - i + 1));
        int above = config.blockOutChannels().get(Math.max(0, last - i - 1));
        int layers = config.layersPerBlock()
                + 1; // the skip connections of a level: its residual blocks', and what came into it
        for (int j = 0; config.upAttention(i) && j < layers; j++) {
            attentions.add(new AttentionBlock(
                    p, config, new AttentionBlock.Place(name + ".attentions." + j, out, config.normNumGroups(), 1)));
        }
        for (int j = 0; j < layers; j++) {
            int skip = j == layers - 1 ? above : out;
            resnets.add(new ResnetBlock(p, config, name + ".resnets." + j, (j == 0 ? before : out) + skip, out, 1));
        }
        this.doubled = i == last ? null : new Conv2d(p, name + ".upsamplers.0.conv", out, out, 3, 1, 1);
    }

    /** [N,H,W,before] to [N,2H,2W,out]; ends {@code x} and the skip connections that it pops. */
    Tensor forward(Tensor x, Tensor emb, Deque<Tensor> skips) {
        Tensor y = x;
        for (int j = 0; j < resnets.size(); j++) {
            ResnetBlock resnet = resnets.get(j);
            Tensor both = skips.pop().into(y::concatChannels);
            y.discard();
            y = both.into(b -> resnet.forward(b, emb));
            y = attentions.isEmpty() ? y : attentions.get(j).forward(y);
        }
        return doubled == null ? y : y.into(Tensor::upsample).into(doubled::forward);
    }
}
