/**
 * The command line: one class per command, which reads options, checks them, and passes a resolved request on. No work
 * is done here.
 *
 * <p>Start at {@link ddpm.cli.Main}; {@link ddpm.cli.TrainCommand} is the command to copy.
 */
package ddpm.cli;
