/**
 * Drawing images: {@link ddpm.diffusion.reverse.ReverseProcess} runs the table of a solver on a device, {@link
 * ddpm.diffusion.reverse.Observer} watches. The tables are made in {@code ddpm.diffusion.solver}; files and previews are not
 * known here.
 *
 * <p>Start at {@link ddpm.diffusion.reverse.ReverseProcess#run}.
 */
package ddpm.diffusion.reverse;
