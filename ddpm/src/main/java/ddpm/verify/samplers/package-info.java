/**
 * Checks of schedules and samplers: whole chains with given noise and a network that is a formula.
 *
 * <p>Start at {@link ddpm.verify.samplers.SamplersSuite}; what a case of a file means is in {@code SamplerCase}.
 */
package ddpm.verify.samplers;
