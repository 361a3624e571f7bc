package ddpm.engine.backend;

/**
 * What stays the same in all Adam or AdamW updates of a training, Kingma &amp; Ba 2015 and Loshchilov &amp; Hutter 2019 in
 * PyTorch's form. Learning rate and bias corrections are in {@link UpdateNumbers}. Backends compute 1 - beta in double and
 * round each number to float once.
 *
 * @param beta1 decay of the mean
 * @param beta2 decay of the square
 * @param eps added to the root
 * @param l2 weight decay as part of the gradient (Adam); 0 for AdamW, whose decay is {@link UpdateNumbers#keep}
 * @param decays whether these parameters decay; without it keep counts as 1 and l2 as 0
 */
public record AdamStep(double beta1, double beta2, double eps, double l2, boolean decays) {}
