/**
 * Images that do not come from noise alone: each class is one {@link ddpm.diffusion.reverse.Edit}, another beginning or something
 * that is done between the steps of any solver. The way from an image back to its noise is a plan of its own, {@link
 * ddpm.diffusion.solver.Course#inverted}.
 *
 * <p>Files, sizes and options are not known here. Start at {@link ddpm.diffusion.edit.Inpainting}.
 */
package ddpm.diffusion.edit;
