/** How much errors at each level of noise count: one file for each, and {@link ddpm.diffusion.weighting.Weightings}. */
package ddpm.diffusion.weighting;
