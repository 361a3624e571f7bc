/**
 * A check and its verdict: what differs ({@link ddpm.verify.report.Difference}), what may ({@link
 * ddpm.verify.report.Tolerance}, {@link ddpm.verify.report.Allowance}), and the lines that say so. Reads no vectors.
 *
 * <p>Start at {@link ddpm.verify.report.Report}.
 */
package ddpm.verify.report;
