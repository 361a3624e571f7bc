package ddpm.model.dit;

import ddpm.config.ImageSize;
import ddpm.config.MayBeNull;
import ddpm.config.Problems;
import ddpm.engine.nn.Parameters;
import ddpm.model.ClassCount;
import ddpm.model.ModelConfig;

/**
 * The shape of {@link DiT}, section {@code model} of a configuration with {@code kind: dit}. {@code patch_size}, {@code hidden_size},
 * {@code depth}, {@code num_heads} and {@code mlp_ratio} mean what they do in facebookresearch/DiT; {@code im_channels}, {@code im_size}
 * and {@code classes} are its in_channels, input_size and num_classes.
 *
 * @param imChannels channels of an image, 1 or 3
 * @param imSize height and width of an image, which the table of positions is for; need not be divisible by {@code patchSize}, the
 *     model pads and crops
 * @param patchSize side of a patch in pixels: one token each
 * @param hiddenSize D, width of a token; a multiple of 4
 * @param depth number of blocks
 * @param numHeads heads of every self-attention; divides D
 * @param mlpRatio width of a block's hidden layer as a multiple of D
 * @param outChannels channels of the result; where null, {@code imChannels}
 * @param classes see {@link ClassCount}; where null, none
 */
public record DiTConfig(
        int imChannels,
        ImageSize imSize,
        int patchSize,
        int hiddenSize,
        int depth,
        int numHeads,
        double mlpRatio,
        @MayBeNull Integer outChannels,
        @MayBeNull String classes)
        implements ModelConfig {

    public DiTConfig {
        outChannels = outChannels == null ? Integer.valueOf(imChannels) : outChannels;
        classes = classes == null ? ClassCount.NONE : classes;
    }

    /** In small, for 28x28 digits: 49 patches, 4,165,456 parameters. */
    public static DiTConfig small() {
        return new DiTConfig(1, new ImageSize(28, 28), 4, 192, 6, 3, 4, null, ClassCount.NONE);
    }

    /** As many outputs for each channel as before, where that is a whole number. */
    @Override
    public DiTConfig forImages(int channels, ImageSize size) {
        int outputs = outChannels % imChannels == 0 ? outChannels / imChannels * channels : outChannels;
        return with(channels, size, outputs, classes);
    }

    @Override
    public DiTConfig withClasses(String other) {
        return with(imChannels, imSize, outChannels, other);
    }

    private DiTConfig with(int channels, ImageSize size, Integer outputs, String known) {
        return new DiTConfig(channels, size, patchSize, hiddenSize, depth, numHeads, mlpRatio, outputs, known);
    }

    /** Patches from top to bottom, the last perhaps partly outside the image. */
    int rows() {
        return patches(imSize.height());
    }

    /** Patches from left to right. */
    int columns() {
        return patches(imSize.width());
    }

    private int patches(int pixels) {
        return (pixels + patchSize - 1) / patchSize;
    }

    /** Channels of a head. */
    int headWidth() {
        return hiddenSize / numHeads;
    }

    /** Width of the hidden layer of a block's MLP. */
    int mlpWidth() {
        return (int) (hiddenSize * mlpRatio);
    }

    @Override
    public DiT create(Parameters parameters) {
        return new DiT(this, parameters);
    }

    @Override
    public void check(Problems problems) {
        DiTRules.check(this, problems);
        ClassCount.check(classes, problems);
    }
}
