package ddpm.model.unet;

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
 * A U-Net (Ronneberger et al. 2015) with residual blocks, self-attention and a time
 * embedding (Ho et al. 2020, appendix B), laid out as the reference, explainingai-code/DDPM-Pytorch. Parameter names,
 * shapes and their order are those of its state_dict; a network that knows classes has one more, {@code class_emb.weight}.
 *
 * <pre>
 * x -> conv_in -> downs.0 -> downs.1 -> ... -> mids -> ... -> ups.last -> norm_out, SiLU, conv_out -> F
 *              |          |                          |    |
 *              +----------|--------------------------|----+  the input of a down block is the skip connection
 *                         +--------------------------+       of its twin on the way up
 * </pre>
 */
public final class UNet implements Model {
    private final UNetConfig config;
    private final Parameters parameters;
    private final Inputs inputs;
    private final TimeEmbedding embedding;
    private final Conv2d convIn;
    private final List<DownBlock> downs = new ArrayList<>();
    private final List<MidBlock> mids = new ArrayList<>();
    private final List<UpBlock> ups = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv2d convOut;

    /**
     * A network whose weights are made in {@code parameters}, which it closes.
     *
     * @throws ddpm.UserError where the backend does not compute heads as wide as the configuration's
     */
    public UNet(UNetConfig config, Parameters parameters) {
        UNetWidths.requireHeads(config, parameters.backend());
        this.config = config;
        this.parameters = parameters;
        Parameters p = parameters;
        this.embedding = new TimeEmbedding(p, config.timeEmbDim());
        this.convIn = new Conv2d(
                p, "conv_in", config.imChannels(), config.downChannels().get(0), 3, 1, 1);
        int levels = config.levels();
        for (int i = 0; i < levels; i++) {
            downs.add(new DownBlock(p, config, i));
        }
        for (int i = 0; i + 1 < config.midChannels().size(); i++) {
            mids.add(new MidBlock(p, config, i));
        }
        for (int i = 0; i < levels; i++) {
            ups.add(new UpBlock(p, config, i, levels - 1 - i));
        }
        this.normOut = new GroupNorm(p, "norm_out", config.normGroups(), config.convOutChannels());
        this.convOut = new Conv2d(p, "conv_out", config.convOutChannels(), config.outChannels(), 3, 1, 1);
        int classes = ClassCount.of(config.classes());
        this.inputs = new Inputs("unet", config.imChannels(), classes);
        if (classes > 0) {
            embedding.addClasses(p, classes);
        }
    }

    public UNetConfig config() {
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
     * What is predicted from x, [N,H,W,out_channels], in the scope of {@code x}. Images of any size: where the
     * downsampling does not divide it, zeros are added around the image and cut off the result.
     *
     * @param x [N,H,W,im_channels]; stays the caller's
     * @param time F32 [N]
     */
    public Tensor forward(Tensor x, Tensor time) {
        return forward(x, time, Condition.NONE, Probe.NONE);
    }

    /** As {@link #forward(Tensor, Tensor)}, showing {@code probe} what each module returns (of the padded images). */
    public Tensor forward(Tensor x, Tensor time, Probe probe) {
        return forward(x, time, Condition.NONE, probe);
    }

    private Tensor forward(Tensor x, Tensor time, Condition condition, Probe probe) {
        inputs.check(x, time, condition);
        return Inputs.padded(x, config.downFactor(), padded -> inside(padded, time, condition, probe));
    }

    private Tensor inside(Tensor x, Tensor time, Condition condition, Probe probe) {
        Tensor label = condition.hasLabels() ? condition.label().in(x.scope()) : null;
        Tensor emb = embedding.forward(time.in(x.scope()), label, probe);
        Tensor h = convIn.forward(x);
        probe.see("conv_in", h);
        Deque<Tensor> skips = new ArrayDeque<>();
        for (int i = 0; i < downs.size(); i++) {
            skips.push(h);
            h = downs.get(i).forward(h, emb);
            probe.see("downs." + i, h);
        }
        for (int i = 0; i < mids.size(); i++) {
            h = mids.get(i).forward(h, emb);
            probe.see("mids." + i, h);
        }
        for (int i = 0; i < ups.size(); i++) {
            h = ups.get(i).forward(h, skips.pop(), emb);
            probe.see("ups." + i, h);
        }
        emb.discard();
        seeNormOut(h, probe);
        return h.into(normOut::forwardSilu).into(convOut::forward);
    }

    /** norm_out is fused with the SiLU that follows: by itself it is computed for a probe only. */
    private void seeNormOut(Tensor h, Probe probe) {
        if (probe != Probe.NONE) {
            Tensor alone = normOut.forward(h);
            probe.see("norm_out", alone);
            alone.discard();
        }
    }

    /** Gives the parameters' memory back. */
    @Override
    public void close() {
        parameters.close();
    }
}
