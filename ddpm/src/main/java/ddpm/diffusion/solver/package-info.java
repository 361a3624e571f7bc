/**
 * Ways from noise to an image. A {@link ddpm.diffusion.solver.Solver} turns the levels of a {@link
 * ddpm.diffusion.solver.Course} into a table of {@link ddpm.diffusion.solver.Stage}s, made in double; one kernel applies any
 * of them. Start at {@link ddpm.diffusion.solver.Ddim}; {@link ddpm.diffusion.solver.Solvers} is the list.
 */
package ddpm.diffusion.solver;
