/**
 * How noise grows from the image (t = 0) to T-1: one file for each kind, and {@link ddpm.diffusion.schedule.Schedules}, the
 * list that configuration, help and documents read. A new kind is a record like {@link ddpm.diffusion.schedule.Cosine} and
 * a line in that list.
 */
package ddpm.diffusion.schedule;
