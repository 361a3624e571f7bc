package ddpm.model.unet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.config.ImageSize;
import ddpm.config.Kinds;
import ddpm.config.Layers;
import ddpm.config.MayBeNull;
import ddpm.config.Problems;
import ddpm.config.RecordReader;
import ddpm.engine.nn.Parameters;
import ddpm.model.ClassCount;
import ddpm.model.ModelConfig;
import java.util.Collections;
import java.util.List;

/**
 * The shape of the U-Net, section {@code model} of a configuration.
 *
 * <p>Level i of the L = {@code down_channels} - 1 levels goes from width {@code down_channels[i]} to {@code [i+1]} on the
 * way down. On the way up it takes {@code down_channels[i]} plus as many channels of the skip connection and returns
 * {@link #upChannels}{@code (i)}. The upsampling works on {@code down_channels[i]} channels before the concatenation, so
 * no width need be even.
 *
 * @param imChannels channels of an image, 1 or 3
 * @param imSize height and width of an image; need not be divisible by {@link #downFactor()}, the model pads and crops
 * @param downChannels width of the first convolution, then of each level
 * @param midChannels width entering the bottom, then of each bottom block; begins with the last and ends with the last
 *     but one of {@code downChannels}
 * @param downSample per level: whether it halves height and width (and its twin on the way up doubles them)
 * @param timeEmbDim width of the time embedding: half sines, half cosines
 * @param numDownLayers residual units per level on the way down
 * @param numMidLayers residual units per bottom block, beside the first
 * @param numUpLayers residual units per level on the way up
 * @param numHeads heads of every self-attention
 * @param normGroups groups of every group normalisation
 * @param convOutChannels width after the last up block, which the reference fixes at 16
 * @param outChannels channels of the result; where null, {@code imChannels}
 * @param attention per level: whether it and its twin on the way up have self-attention; where null, all have
 * @param midAttention whether the bottom blocks have self-attention
 * @param classes see {@link ClassCount}; where null, none: the reference's network
 */
public record UNetConfig(
        int imChannels,
        ImageSize imSize,
        List<Integer> downChannels,
        List<Integer> midChannels,
        List<Boolean> downSample,
        int timeEmbDim,
        int numDownLayers,
        int numMidLayers,
        int numUpLayers,
        int numHeads,
        int normGroups,
        int convOutChannels,
        @MayBeNull Integer outChannels,
        @MayBeNull List<Boolean> attention,
        boolean midAttention,
        @MayBeNull String classes)
        implements ModelConfig {

    public UNetConfig {
        downChannels = List.copyOf(downChannels);
        midChannels = List.copyOf(midChannels);
        downSample = List.copyOf(downSample);
        outChannels = outChannels == null ? Integer.valueOf(imChannels) : outChannels;
        attention = attention == null
                ? Collections.nCopies(Math.max(0, downChannels.size() - 1), true)
                : List.copyOf(attention);
        classes = classes == null ? ClassCount.NONE : classes;
    }

    /** The default.yaml of the reference, explainingai-code/DDPM-Pytorch: 10,188,081 parameters for 28x28 digits. */
    public static UNetConfig reference() {
        return new UNetConfig(
                1,
                new ImageSize(28, 28),
                List.of(32, 64, 128, 256),
                List.of(256, 256, 128),
                List.of(true, true, false),
                128,
                2,
                2,
                2,
                4,
                8,
                16,
                null,
                null,
                true,
                ClassCount.NONE);
    }

    /**
     * The configuration with the given keys, the others as in {@link #reference()}. Takes the reference's own keys, so a
     * {@code config} object of the golden vectors will do.
     *
     * @throws ddpm.UserError naming every key that is unknown, of the wrong type or out of range
     */
    public static UNetConfig of(JsonNode partial) {
        Problems problems = new Problems().in("model");
        if (!(partial instanceof ObjectNode keys)) {
            problems.add("*", "expected a section of keys, got " + partial);
            problems.throwIfAny();
            throw new AssertionError("a problem was added");
        }
        Layers layers = new Layers(Kinds.NONE.tree(reference()));
        // these two follow from the other keys unless they are given
        layers.tree().remove(List.of("out_channels", "attention"));
        layers.overlay(keys, "");
        var config = RecordReader.read(layers.tree(), UNetConfig.class, problems);
        config.ifPresent(c -> c.check(problems));
        problems.throwIfAny();
        return config.orElseThrow();
    }

    /** As many outputs for each channel as before, where that is a whole number. */
    @Override
    public UNetConfig forImages(int channels, ImageSize size) {
        return new UNetConfig(
                channels,
                size,
                downChannels,
                midChannels,
                downSample,
                timeEmbDim,
                numDownLayers,
                numMidLayers,
                numUpLayers,
                numHeads,
                normGroups,
                convOutChannels,
                Integer.valueOf(outChannels % imChannels == 0 ? outChannels / imChannels * channels : outChannels),
                attention,
                midAttention,
                classes);
    }

    @Override
    public UNetConfig withClasses(String other) {
        return new UNetConfig(
                imChannels,
                imSize,
                downChannels,
                midChannels,
                downSample,
                timeEmbDim,
                numDownLayers,
                numMidLayers,
                numUpLayers,
                numHeads,
                normGroups,
                convOutChannels,
                outChannels,
                attention,
                midAttention,
                other);
    }

    /** Number of levels on the way down, and of those on the way up. */
    public int levels() {
        return downChannels.size() - 1;
    }

    /** Width that level {@code i} returns on the way up: that of the level above, {@code conv_out_channels} at the top. */
    public int upChannels(int i) {
        return i == 0 ? convOutChannels : downChannels.get(i - 1);
    }

    /** By how much height and width shrink on the way to the bottom: 2 to the number of levels that halve them. */
    public int downFactor() {
        return 1 << Collections.frequency(downSample, true);
    }

    @Override
    public UNet create(Parameters parameters) {
        return new UNet(this, parameters);
    }

    @Override
    public void check(Problems problems) {
        UNetWidths.check(this, problems);
        ClassCount.check(classes, problems);
    }
}
