/**
 * Compares this build's numbers with vectors that PyTorch computed: {@code ddpm verify DIR}. The format of the folder is
 * documented with the vectors, see {@code src/test/resources/golden/README.md}; what the folder holds is taken as found
 * (schedules, cases, configurations, seeds), and whatever is missing, damaged or not understood is a failed check.
 *
 * <p>Start at {@link ddpm.verify.Verification}, which asks the families: {@code ops}, {@code network}, {@code samplers} and
 * {@code objectives}. What a result may differ by is in {@code report}, how files are read in {@code vectors}.
 */
package ddpm.verify;
