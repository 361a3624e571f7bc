/**
 * The team of threads, and how work is cut for it: into blocks, rows or parts whose sums are added in a fixed order.
 *
 * <p>Start at {@link ddpm.engine.backend.cpu.team.Workers}.
 */
package ddpm.engine.backend.cpu.team;
