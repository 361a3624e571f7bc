/**
 * How many bits a model needs for images that it has not seen, and at which t its guesses are better than a formula's: {@link
 * ddpm.evaluate.likelihood.LikelihoodMeasure} asks it, {@link ddpm.evaluate.likelihood.Likelihood} is what came out, in numbers and in
 * words.
 *
 * <p>Not here: the terms of the bound ({@code ddpm.diffusion.likelihood}) and the errors of the formulas ({@code
 * ddpm.evaluate.measure}). Start at {@link ddpm.evaluate.likelihood.LikelihoodMeasure}.
 */
package ddpm.evaluate.likelihood;
