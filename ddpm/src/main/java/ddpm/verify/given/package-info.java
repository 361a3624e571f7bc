/**
 * What the vectors take for granted and several families use: noise that is given and not drawn, a network that is a formula,
 * schedules by PyTorch's names, single steps. Checks nothing itself.
 *
 * <p>Start at {@link ddpm.verify.given.GivenNoise}.
 */
package ddpm.verify.given;
