package ddpm.model.unet2d;

import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.nn.Conv2d;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** One level on the way down: residual blocks, each with attention behind it or none with, then a 3x3 convolution of stride 2. */
final class DownBlock {
    /** Zeros at the bottom and on the right, of the layout that pads by itself: a window then covers rows 2i to 2i+2. */
    private static final Padding BEHIND = new Padding(0, 1, 0, 1);

    private final List<AttentionBlock> attentions = new ArrayList<>(); // empty for none
    private final List<ResnetBlock> resnets = new ArrayList<>();
    private final Conv2d half; // null in the last level
    private final boolean padsItself;

    /** Level {@code i} of the configuration. */
    DownBlock(Parameters p, UNet2DConfig config, int i) {
        String name = "down_blocks." + i;
        int in = config.blockOutChannels().get(Math.max(0, i - 1));
        int out = config.blockOutChannels().get(i);
        for (int j = 0; config.downAttention(i) && j < config.layersPerBlock(); j++) {
            attentions.add(new AttentionBlock(
                    p, config, new AttentionBlock.Place(name + ".attentions." + j, out, config.normNumGroups(), 1)));
        }
        for (int j = 0; j < config.layersPerBlock(); j++) {
            resnets.add(new ResnetBlock(p, config, name + ".resnets." + j, j == 0 ? in : out, out, 1));
        }
        this.padsItself = config.downsamplePadding() == 0;
        this.half = i == config.levels() - 1
                ? null
                : new Conv2d(p, name + ".downsamplers.0.conv", out, out, 3, 2, config.downsamplePadding());
    }

    /** [N,H,W,in] to [N,H/2,W/2,out]. @param skips each result on the way is pushed, the returned one too; they end on the way up */
    Tensor forward(Tensor x, Tensor emb, Deque<Tensor> skips) {
        Tensor y = x;
        for (int j = 0; j < resnets.size(); j++) {
            y = resnets.get(j).forward(y, emb);
            y = attentions.isEmpty() ? y : attentions.get(j).forward(y);
            skips.push(y);
        }
        if (half == null) {
            return y;
        }
        Tensor halved = halved(y);
        skips.push(halved);
        return halved;
    }

    private Tensor halved(Tensor x) {
        return padsItself ? x.pad(BEHIND).into(half::forward) : half.forward(x);
    }
}
