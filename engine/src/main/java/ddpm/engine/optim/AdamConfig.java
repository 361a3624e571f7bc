package ddpm.engine.optim;

/**
 * Constants of Adam or AdamW under PyTorch's names.
 *
 * @param beta1 decay of the mean, in [0,1)
 * @param beta2 decay of the square, in [0,1)
 * @param eps added to the root of the square
 * @param weightDecay 0 for none
 * @param decoupled AdamW: the decay works on the parameter, not through the gradient
 */
public record AdamConfig(double beta1, double beta2, double eps, double weightDecay, boolean decoupled) {
    /** torch.optim.Adam's defaults. */
    public static AdamConfig adam() {
        return new AdamConfig(0.9, 0.999, 1e-8, 0, false);
    }

    /** torch.optim.AdamW's defaults. */
    public static AdamConfig adamW() {
        return new AdamConfig(0.9, 0.999, 1e-8, 0.01, true);
    }
}
