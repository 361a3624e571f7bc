package ddpm.model.unet2d;

import ddpm.engine.nn.Conv2d;
import ddpm.engine.nn.GroupNorm;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;

/**
 * y = (conv2(silu(told(conv1(silu(norm1(x)))))) + shortcut(x)) / outputScale; told(h) is norm2(h + e), or norm2(h) (1 + scale) + shift
 * with e as both, where e is a linear layer of the time embedding. The shortcut is a 1x1 convolution where the width changes.
 */
final class ResnetBlock {
    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final Linear time;
    private final GroupNorm norm2;
    private final Conv2d conv2;
    private final Conv2d shortcut; // null where the width stays
    private final boolean scaleShift;
    private final double outputScale;

    /** From width {@code in} to {@code out}. @param outputScale what the sum is divided by */
    ResnetBlock(Parameters p, UNet2DConfig config, String name, int in, int out, double outputScale) {
        int groups = config.normNumGroups();
        this.scaleShift = config.scaleShift();
        this.norm1 = new GroupNorm(p, name + ".norm1", groups, in, config.normEps());
        this.conv1 = new Conv2d(p, name + ".conv1", in, out, 3, 1, 1);
        this.time = new Linear(p, name + ".time_emb_proj", config.timeWidth(), scaleShift ? 2 * out : out);
        this.norm2 = new GroupNorm(p, name + ".norm2", groups, out, config.normEps());
        this.conv2 = new Conv2d(p, name + ".conv2", out, out, 3, 1, 1);
        this.shortcut = in == out ? null : new Conv2d(p, name + ".conv_shortcut", in, out, 1, 1, 0);
        this.outputScale = outputScale;
    }

    /** [N,H,W,in] to [N,H,W,out]; leaves {@code x} to the caller. @param emb silu of the time embedding [N,D] */
    Tensor forward(Tensor x, Tensor emb) {
        Tensor h = norm1.forwardSilu(x).into(conv1::forward);
        Tensor told = time.forward(emb).into(e -> scaleShift ? modulated(h, e) : shifted(h, e));
        return Residual.sum(told.into(conv2::forward), x, shortcut, outputScale);
    }

    /** silu(norm2(h + e)); ends {@code h}. */
    private Tensor shifted(Tensor h, Tensor e) {
        return h.addPerImageInPlace(e) // the convolution does not keep its result
                .into(norm2::forwardSilu);
    }

    /** silu(norm2(h) (1 + scale) + shift); ends {@code h}. */
    private Tensor modulated(Tensor h, Tensor e) {
        return h.into(norm2::forward).into(n -> n.modulate(e)).into(Tensor::silu);
    }
}
