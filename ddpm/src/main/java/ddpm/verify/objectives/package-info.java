/**
 * Checks of what a network is taught and measured by: targets, weights, likelihood, guidance, averages. One class per group
 * of the files.
 *
 * <p>Start at {@link ddpm.verify.objectives.ObjectivesSuite}, the list of groups.
 */
package ddpm.verify.objectives;
