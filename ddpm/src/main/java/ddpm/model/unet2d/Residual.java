package ddpm.model.unet2d;

import ddpm.engine.nn.Conv2d;
import ddpm.engine.tensor.Tensor;

/** How every block ends: what it computed is added to what it was given. */
final class Residual {
    private Residual() {}

    /**
     * (y + shortcut(x)) / scale; ends {@code y}, leaves {@code x} to the caller.
     *
     * @param y result of an operation that does not keep it
     * @param shortcut null: x itself
     */
    static Tensor sum(Tensor y, Tensor x, Conv2d shortcut, double scale) {
        Tensor sum = shortcut == null ? y.addInPlace(x) : shortcut.forward(x).into(y::addInPlace);
        return scale == 1 ? sum : sum.into(s -> s.scale((float) (1 / scale)));
    }
}
