package ddpm.model.unet;

import ddpm.engine.nn.Conv2d;
import ddpm.engine.nn.GroupNorm;
import ddpm.engine.nn.Linear;
import ddpm.engine.tensor.Tensor;

/**
 * y = second(first(x) + time(emb)) + shortcut(x); first and second are GroupNorm, SiLU and a 3x3 convolution, the
 * shortcut is a 1x1 convolution, time a linear layer whose result is added to every pixel of an image.
 */
record ResidualUnit(
        GroupNorm firstNorm, Conv2d first, Linear time, GroupNorm secondNorm, Conv2d second, Conv2d shortcut) {

    /** [N,H,W,Cin] to [N,H,W,Cout]; leaves {@code x} to the caller. @param emb silu of the time embedding [N,D] */
    Tensor forward(Tensor x, Tensor emb) {
        Tensor h = normSiluConv(firstNorm, first, x);
        Tensor shifted = time.forward(emb).into(h::addPerImageInPlace); // the convolution does not keep its result
        Tensor y = shifted.into(s -> normSiluConv(secondNorm, second, s));
        return shortcut.forward(x).into(y::addInPlace);
    }

    private static Tensor normSiluConv(GroupNorm norm, Conv2d conv, Tensor x) {
        return norm.forwardSilu(x).into(conv::forward);
    }
}
