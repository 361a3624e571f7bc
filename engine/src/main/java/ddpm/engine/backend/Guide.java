package ddpm.engine.backend;

/**
 * How two outputs of a network become one, see {@link LabelOps#guide}.
 *
 * @param output extents of the result; C may be more than is guided
 * @param channels so many of each pixel are guided; of the others, such as a learned variance, the first output's are taken
 * @param scale w: 1 is the first output alone, 0 the second
 * @param rescale share of the rescaled result, 0 to 1
 */
public record Guide(Nhwc output, long channels, float scale, float rescale) {}
