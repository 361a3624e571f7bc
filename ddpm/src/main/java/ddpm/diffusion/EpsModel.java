package ddpm.diffusion;

import ddpm.engine.tensor.Tensor;

/** Predicts the noise in an image: eps_theta of Ho et al. 2020. All that samplers know of a network. */
@FunctionalInterface
public interface EpsModel {
    /**
     * The noise in x_t, in the scope of {@code xt}. A device may record the operations and replay them for other x_t and
     * t in the same memory: a model that looks at values on the host works on the CPU only.
     *
     * @param xt [N,H,W,C]
     * @param t timesteps I32 [N], 0 .. T-1
     */
    Tensor predict(Tensor xt, Tensor t);
}
