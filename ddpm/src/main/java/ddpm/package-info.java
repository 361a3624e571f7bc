/**
 * The application on top of the engine. This root package holds only what several other packages use: {@link
 * ddpm.UserError}, the failure a person can act on, and {@link ddpm.DataException}, the same for data; {@link
 * ddpm.DeviceChoice} and {@link ddpm.Devices}, what to compute on; {@link ddpm.BatchFit}, how many images fit its memory;
 * {@link ddpm.MeasuredStep}, the step that {@code --profile} measures. It knows none of the packages below it.
 *
 * <p>Start at {@code ddpm.cli.Main} and follow one command down. Which package may use which says {@code PackageArrowsTest}.
 */
package ddpm;
