package ddpm.engine.backend;

/**
 * Scaling of all gradients to a global norm, as torch.nn.utils.clip_grad_norm_. Pascanu et al. 2013, section 3.2.
 *
 * @param maxNorm 0 for no scaling
 */
public record ClipStep(float maxNorm) {
    /** PyTorch's: keeps the factor finite where the norm is 0. */
    public static final double EPS = 1e-6;
}
