package ddpm.model.unet2d;

import ddpm.diffusion.Condition;
import ddpm.engine.nn.Conv2d;
import ddpm.engine.nn.GroupNorm;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;
import ddpm.model.ClassCount;
import ddpm.model.Inputs;
import ddpm.model.Model;
import ddpm.model.Probe;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The U-Net of Hugging Face diffusers, {@code UNet2DModel}, which many published checkpoints are of; with the configuration of
 * google/ddpm-cifar10-32 the network of Ho et al. 2020, appendix B. Parameter names, shapes and their order are those of its
 * state_dict.
 *
 * <pre>
 * x -> conv_in -> down_blocks.0 -> ... -> mid_block -> up_blocks.0 -> ... -> conv_norm_out, SiLU, conv_out -> F
 *              |    |    |    |                          |    |    |
 *              +----+----+----+--------------------------+----+----+  the result of every residual block and of every halving
 *                                                                     is a skip connection of its own, the last one first
 * </pre>
 */
public final class UNet2D implements Model {
    private final UNet2DConfig config;
    private final Parameters parameters;
    private final Inputs inputs;
    private final TimeEmbedding embedding;
    private final Conv2d convIn;
    private final List<DownBlock> downs = new ArrayList<>();
    private final List<UpBlock> ups = new ArrayList<>();
    private final MidBlock mid;
    private final GroupNorm normOut;
    private final Conv2d convOut;

    /**
     * A network whose weights are made in {@code parameters}, which it closes.
     *
     * @throws ddpm.UserError where the backend does not compute heads as wide as the configuration's
     */
    public UNet2D(UNet2DConfig config, Parameters parameters) {
        UNet2DRules.requireHeads(config, parameters.backend());
        this.config = config;
        this.parameters = parameters;
        Parameters p = parameters;
        int classes = ClassCount.of(config.classes());
        int first = config.blockOutChannels().get(0);
        this.inputs = new Inputs("unet2d", config.imChannels(), classes);
        this.convIn = new Conv2d(p, "conv_in", config.imChannels(), first, 3, 1, 1);
        this.embedding = new TimeEmbedding(p, config, classes);
        for (int i = 0; i < config.levels(); i++) {
            downs.add(new DownBlock(p, config, i));
        }
        for (int i = 0; i < config.levels(); i++) {
            ups.add(new UpBlock(p, config, i));
        }
        this.mid = new MidBlock(p, config);
        this.normOut = new GroupNorm(p, "conv_norm_out", config.normNumGroups(), first, config.normEps());
        this.convOut = new Conv2d(p, "conv_out", first, config.outChannels(), 3, 1, 1);
    }

    public UNet2DConfig config() {
        return config;
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public Tensor predict(Tensor x, Tensor time, Condition condition) {
        return forward(x, time, condition, Probe.NONE);
    }

    /**
     * What is predicted from x, [N,H,W,out_channels], in the scope of {@code x}. Images of any size: where the halving does not
     * divide it, zeros are added around the image and cut off the result.
     *
     * @param x [N,H,W,im_channels]; stays the caller's
     * @param time F32 [N]
     * @param probe is shown what each module returns (of the padded images)
     */
    public Tensor forward(Tensor x, Tensor time, Condition condition, Probe probe) {
        inputs.check(x, time, condition);
        return Inputs.padded(x, config.downFactor(), padded -> inside(padded, time, condition, probe));
    }

    private Tensor inside(Tensor x, Tensor time, Condition condition, Probe probe) {
        Tensor label = condition.hasLabels() ? condition.label().in(x.scope()) : null;
        Tensor emb = embedding.forward(time.in(x.scope()), label, probe);
        Deque<Tensor> skips = new ArrayDeque<>();
        Tensor h = convIn.forward(x);
        probe.see("conv_in", h);
        skips.push(h);
        for (int i = 0; i < downs.size(); i++) {
            h = downs.get(i).forward(h, emb, skips);
            probe.see("down_blocks." + i, h);
        }
        h = mid.forward(h, emb);
        probe.see("mid_block", h);
        for (int i = 0; i < ups.size(); i++) {
            h = ups.get(i).forward(h, emb, skips);
            probe.see("up_blocks." + i, h);
        }
        emb.discard();
        seeNormOut(h, probe);
        return h.into(normOut::forwardSilu).into(convOut::forward);
    }

    /** conv_norm_out is fused with the SiLU that follows: by itself it is computed for a probe only. */
    private void seeNormOut(Tensor h, Probe probe) {
        if (probe != Probe.NONE) {
            Tensor alone = normOut.forward(h);
            probe.see("conv_norm_out", alone);
            alone.discard();
        }
    }

    /** Gives the parameters' memory back. */
    @Override
    public void close() {
        parameters.close();
    }
}
