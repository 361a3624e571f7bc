package ddpm.model.unet2d;

import ddpm.config.ImageSize;
import ddpm.config.MayBeNull;
import ddpm.config.Problems;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;
import ddpm.model.ClassCount;
import ddpm.model.ModelConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The shape of {@link UNet2D}, section {@code model} of a configuration with {@code kind: unet2d}. Keys that config.json of diffusers
 * has under the same name mean the same; {@code im_channels}, {@code im_size} and {@code classes} are its in_channels, sample_size and
 * num_class_embeds.
 *
 * @param imChannels channels of an image, 1 or 3
 * @param imSize height and width of an image; need not be divisible by {@link #downFactor()}, the model pads and crops
 * @param blockOutChannels width of each level; all but the last halve the image
 * @param downBlockTypes per level: {@link #DOWN}, or {@link #ATTN_DOWN} with self-attention
 * @param upBlockTypes on the way up, from the last level to the first: {@link #UP} or {@link #ATTN_UP}; where null, the levels that
 *     have attention on the way down
 * @param layersPerBlock residual blocks per level on the way down; one more on the way up
 * @param attentionHeadDim channels of a head; where null, one head
 * @param normNumGroups groups of every group normalisation
 * @param normEps added to every variance
 * @param attnNormNumGroups groups of the normalisation before the attention at the bottom; where null, {@code normNumGroups}, and with
 *     {@code scale_shift} there is none
 * @param addAttention whether the bottom has self-attention
 * @param midBlockScaleFactor what sums at the bottom are divided by
 * @param downsamplePadding of the convolution that halves: 1 on all sides, 0 for zeros below and on the right alone
 * @param flipSinToCos whether the embedding of a time begins with the cosines
 * @param freqShift see {@link ddpm.engine.backend.ElementwiseOps.Waves}
 * @param timeEmbeddingDim width of the time embedding; where null, four times the first level's
 * @param resnetTimeScaleShift {@code default}: the time is added; {@code scale_shift}: it scales and shifts
 * @param dropout 0, the only value there is
 * @param outChannels channels of the result; where null, {@code imChannels}
 * @param classes see {@link ClassCount}; where null, none
 */
public record UNet2DConfig(
        int imChannels,
        ImageSize imSize,
        List<Integer> blockOutChannels,
        List<String> downBlockTypes,
        @MayBeNull List<String> upBlockTypes,
        int layersPerBlock,
        @MayBeNull Integer attentionHeadDim,
        int normNumGroups,
        double normEps,
        @MayBeNull Integer attnNormNumGroups,
        boolean addAttention,
        double midBlockScaleFactor,
        int downsamplePadding,
        boolean flipSinToCos,
        double freqShift,
        @MayBeNull Integer timeEmbeddingDim,
        String resnetTimeScaleShift,
        double dropout,
        @MayBeNull Integer outChannels,
        @MayBeNull String classes)
        implements ModelConfig {

    public static final String DOWN = "DownBlock2D";
    public static final String ATTN_DOWN = "AttnDownBlock2D";
    public static final String UP = "UpBlock2D";
    public static final String ATTN_UP = "AttnUpBlock2D";
    public static final String ADDED = "default";
    public static final String SCALE_SHIFT = "scale_shift";

    public UNet2DConfig {
        blockOutChannels = List.copyOf(blockOutChannels);
        downBlockTypes = List.copyOf(downBlockTypes);
        upBlockTypes = upBlockTypes == null ? mirrored(downBlockTypes) : List.copyOf(upBlockTypes);
        outChannels = outChannels == null ? Integer.valueOf(imChannels) : outChannels;
        classes = classes == null ? ClassCount.NONE : classes;
    }

    private static List<String> mirrored(List<String> down) {
        List<String> up = new ArrayList<>();
        for (String type : down) {
            up.add(type.equals(ATTN_DOWN) ? ATTN_UP : UP);
        }
        Collections.reverse(up);
        return List.copyOf(up);
    }

    /** The settings of UNet2DModel where none are given, in small: 4,023,233 parameters for 28x28 digits. */
    public static UNet2DConfig standard() {
        return new UNet2DConfig(
                1,
                new ImageSize(28, 28),
                List.of(32, 64, 128),
                List.of(DOWN, ATTN_DOWN, ATTN_DOWN),
                null,
                2,
                32,
                8,
                1e-5,
                null,
                true,
                1,
                1,
                true,
                0,
                null,
                ADDED,
                0,
                null,
                ClassCount.NONE);
    }

    /** As many outputs for each channel as before, where that is a whole number. */
    @Override
    public UNet2DConfig forImages(int channels, ImageSize size) {
        int outputs = outChannels % imChannels == 0 ? outChannels / imChannels * channels : outChannels;
        return with(channels, size, outputs, classes);
    }

    @Override
    public UNet2DConfig withClasses(String other) {
        return with(imChannels, imSize, outChannels, other);
    }

    private UNet2DConfig with(int channels, ImageSize size, Integer outputs, String known) {
        return new UNet2DConfig(
                channels,
                size,
                blockOutChannels,
                downBlockTypes,
                upBlockTypes,
                layersPerBlock,
                attentionHeadDim,
                normNumGroups,
                normEps,
                attnNormNumGroups,
                addAttention,
                midBlockScaleFactor,
                downsamplePadding,
                flipSinToCos,
                freqShift,
                timeEmbeddingDim,
                resnetTimeScaleShift,
                dropout,
                outputs,
                known);
    }

    /** Number of levels on the way down, and of those on the way up. */
    public int levels() {
        return blockOutChannels.size();
    }

    /** By how much height and width shrink on the way to the bottom. */
    public int downFactor() {
        return 1 << levels() - 1;
    }

    /** Width of the bottom. */
    int lastWidth() {
        return blockOutChannels.get(levels() - 1);
    }

    boolean downAttention(int level) {
        return downBlockTypes.get(level).equals(ATTN_DOWN);
    }

    /** @param i number on the way up */
    boolean upAttention(int i) {
        return upBlockTypes.get(i).equals(ATTN_UP);
    }

    /** Heads of a self-attention of so many channels. */
    int heads(int width) {
        return attentionHeadDim == null ? 1 : width / attentionHeadDim;
    }

    boolean scaleShift() {
        return resnetTimeScaleShift.equals(SCALE_SHIFT);
    }

    /** Groups of the normalisation before the attention at the bottom; 0 for none. */
    int midNormGroups() {
        return attnNormNumGroups != null ? attnNormNumGroups : scaleShift() ? 0 : normNumGroups;
    }

    /** Width of the time embedding. */
    int timeWidth() {
        return timeEmbeddingDim != null ? timeEmbeddingDim : 4 * waves();
    }

    /** Sines and cosines that a time becomes first. */
    int waves() {
        return blockOutChannels.get(0);
    }

    /** Them: F32 [N] to [N,waves]. */
    public Tensor waves(Tensor time) {
        return time.timestepEmbedding(waves(), (float) freqShift, flipSinToCos);
    }

    @Override
    public UNet2D create(Parameters parameters) {
        return new UNet2D(this, parameters);
    }

    @Override
    public void check(Problems problems) {
        UNet2DRules.check(this, problems);
        ClassCount.check(classes, problems);
    }
}
