/**
 * The application on top of the engine. This root package holds only what every other package may use: {@link
 * ddpm.UserError}, the failure a person can act on, and {@link ddpm.DeviceChoice}, what to compute on.
 *
 * <p>Start at {@link ddpm.cli.Main} and follow one command down.
 */
package ddpm;
