package ddpm.engine.backend;

/**
 * Numbers of one Adam or AdamW update, Kingma &amp; Ba 2015 and Loshchilov &amp; Hutter 2019 in PyTorch's form.
 *
 * @param lr learning rate
 * @param beta1 decay of the mean
 * @param beta2 decay of the square
 * @param eps added to the root
 * @param weightDecay L2 factor (Adam) or decoupled decay (AdamW)
 * @param decoupled AdamW
 * @param step number of this update, from 1: the bias corrections are 1 - beta^step
 * @param gradScale factor on every gradient first: clipping by global norm
 */
public record AdamStep(
        double lr,
        double beta1,
        double beta2,
        double eps,
        double weightDecay,
        boolean decoupled,
        long step,
        float gradScale) {}
