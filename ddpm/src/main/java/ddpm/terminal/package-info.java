/**
 * What a person sees while something takes time: a progress bar on a terminal, lines elsewhere. Knows nothing of what it
 * shows.
 *
 * <p>Start at {@link ddpm.terminal.Progress}.
 */
package ddpm.terminal;
