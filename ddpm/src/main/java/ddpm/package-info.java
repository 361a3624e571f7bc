/**
 * The application on top of the engine. This root package holds only what several other packages use: {@link
 * ddpm.UserError}, the failure a person can act on; {@link ddpm.DeviceChoice} and {@link ddpm.Devices}, what to compute
 * on; {@link ddpm.BatchFit}, how many images fit its memory; {@link ddpm.MeasuredStep}, the step that {@code --profile}
 * measures.
 *
 * <p>Start at {@link ddpm.cli.Main} and follow one command down.
 */
package ddpm;
