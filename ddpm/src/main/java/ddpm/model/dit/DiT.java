package ddpm.model.dit;

import ddpm.diffusion.Condition;
import ddpm.engine.nn.Conv2d;
import ddpm.engine.nn.Init;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.model.ClassCount;
import ddpm.model.Inputs;
import ddpm.model.Model;
import ddpm.model.Probe;
import java.util.ArrayList;
import java.util.List;

/**
 * The transformer of Peebles &amp; Xie 2023, "Scalable Diffusion Models with Transformers", section 3.2, in the variant that they call
 * adaLN-Zero. Parameter names, shapes and their order are those of the state_dict of facebookresearch/DiT, but for {@code pos_embed},
 * which is a constant: it is computed here, not saved, and a file may have it.
 *
 * <pre>
 * x -> patches, a linear layer each (x_embedder) -> + where they lie -> blocks.0 -> ... -> norm, scale, shift, Linear -> squares of F
 * t -> t_embedder -+-> SiLU -> adaLN_modulation of every block, and of the last layer
 * y -> y_embedder -+
 * </pre>
 *
 * <p>Tokens stay [N,h,w,D], a pixel for each patch: what works on the last extent alone, and attention, do not ask for more.
 */
public final class DiT implements Model {
    private final DiTConfig config;
    private final Parameters parameters;
    private final Inputs inputs;
    private final Tensor positions; // [1,h*w,D]
    private final Conv2d patches;
    private final ConditionEmbedding embedding;
    private final List<Block> blocks = new ArrayList<>();
    private final FinalLayer last;

    /**
     * A network whose weights are made in {@code parameters}, which it closes.
     *
     * @throws ddpm.UserError where the backend does not compute heads as wide as the configuration's
     */
    public DiT(DiTConfig config, Parameters parameters) {
        DiTRules.requireHeads(config, parameters.backend());
        this.config = config;
        this.parameters = parameters;
        int classes = ClassCount.of(config.classes());
        int width = config.hiddenSize();
        int side = config.patchSize();
        this.inputs = new Inputs("dit", config.imChannels(), classes);
        this.positions = parameters.constant("pos_embed", Positions.shape(config), Positions.table(config));
        this.patches = new Conv2d(parameters, "x_embedder.proj", config.imChannels(), width, side, side, 0);
        this.embedding = new ConditionEmbedding(parameters, width, classes);
        for (int i = 0; i < config.depth(); i++) {
            blocks.add(new Block(parameters, config, i));
        }
        this.last = new FinalLayer(parameters, config);
    }

    /** A linear layer that begins as DiT's: xavier_uniform_, and a bias of zeros. */
    static Linear linear(Parameters p, String name, int in, int out) {
        return new Linear(p, name, in, out, Init.xavierUniform(Shape.of(out, in)), Init.constant(0));
    }

    public DiTConfig config() {
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
     * What is predicted from x, [N,H,W,out_channels], in the scope of {@code x}. Where the patches do not divide the image, zeros are added
     * around it and cut off the result.
     *
     * @param x [N,H,W,im_channels] of as many patches as {@code im_size} has; stays the caller's
     * @param time F32 [N]
     * @param probe is shown what each module returns (of the padded images)
     */
    public Tensor forward(Tensor x, Tensor time, Condition condition, Probe probe) {
        inputs.check(x, time, condition);
        return Inputs.padded(x, config.patchSize(), padded -> inside(padded, time, condition, probe));
    }

    private Tensor inside(Tensor x, Tensor time, Condition condition, Probe probe) {
        Tensor label = condition.hasLabels() ? condition.label().in(x.scope()) : null;
        Tensor told = embedding.forward(time.in(x.scope()), label, probe);
        Tensor h = patches.forward(x);
        requirePositions(x, h);
        probe.see("x_embedder", h);
        h = h.into(this::placed);
        for (int i = 0; i < blocks.size(); i++) {
            h = blocks.get(i).forward(h, told);
            probe.see("blocks." + i, h);
        }
        Tensor y = last.forward(h, told);
        told.discard();
        probe.see("final_layer", y);
        return y.into(t -> t.depthToSpace(config.patchSize()));
    }

    /** h + positions, the same for each image: seen as one image of N pixels whose channels are all that an image has. */
    private Tensor placed(Tensor h) {
        long n = h.shape().dim(0);
        long values = h.count() / n;
        Tensor table = positions.in(h.scope()).reshape(1, values);
        Tensor sum = h.reshape(1, n, 1, values).into(flat -> flat.addPerImage(table));
        table.discard();
        return sum.into(flat -> flat.reshape(h.shape().toArray()));
    }

    private void requirePositions(Tensor x, Tensor h) {
        if (h.shape().dim(1) != config.rows() || h.shape().dim(2) != config.columns()) {
            throw new TensorException("dit: x=" + x.shape() + " has "
                    + h.shape().dim(1) + "x" + h.shape().dim(2)
                    + " patches of " + config.patchSize() + " pixels, im_size=" + config.imSize() + " has "
                    + config.rows() + "x" + config.columns() + ", and positions for those alone; give images of that"
                    + " size, or set model.im_size");
        }
    }

    /** Gives the parameters' memory back. */
    @Override
    public void close() {
        parameters.close();
    }
}
