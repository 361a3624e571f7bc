/**
 * How many bits a model needs for an image: the variational bound of Ho et al. 2020, equation 5, as Nichol &amp; Dhariwal 2021
 * compute it, term by term, on the host and in double. All results are means over the values of an image, in bits per
 * dimension (one dimension is one channel of one pixel); an image of 256 levels costs 8 without any model.
 *
 * <pre>
 * L_T      KL of q(x_T | x_0) to the noise from which sampling starts        {@link ddpm.diffusion.likelihood.Prior}
 * L_t      KL of q(x_(t-1) | x_t, x_0) to the model's step, t = 1 .. T-1     {@link ddpm.diffusion.likelihood.BoundStep}
 * L_0      minus log probability of the level of x_0 under the last step     {@link ddpm.diffusion.likelihood.DiscretisedGaussian}
 * </pre>
 *
 * Where t counts from 0, as everywhere here: their t is ours plus 1. {@link ddpm.diffusion.likelihood.BoundEstimate} needs a few t of each
 * image instead of all. Start at {@link ddpm.diffusion.likelihood.Bound}.
 */
package ddpm.diffusion.likelihood;
