/** Which levels of noise a training draws: one file for each, and {@link ddpm.diffusion.times.Times}, their list. */
package ddpm.diffusion.times;
