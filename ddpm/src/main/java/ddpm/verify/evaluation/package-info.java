/**
 * evaluation.* of the reference vectors: how far two sets of features are apart, by {@code ddpm.evaluate.measure}.
 *
 * <p>Not here: reading files and printing the table, which all suites share. Start at {@link
 * ddpm.verify.evaluation.EvaluationSuite}.
 */
package ddpm.verify.evaluation;
