/**
 * What the network's output stands for: one file for each, and {@link ddpm.diffusion.prediction.Predictions}, their list. A
 * new one is a record with four coefficients, like {@link ddpm.diffusion.prediction.V}.
 */
package ddpm.diffusion.prediction;
