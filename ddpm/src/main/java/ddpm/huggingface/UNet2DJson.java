package ddpm.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.config.Problems;
import ddpm.model.ClassCount;
import ddpm.model.unet2d.UNet2DConfig;
import java.util.List;

/** config.json of a {@code UNet2DModel}, diffusers 0.40: its settings as ours and ours as its. */
public final class UNet2DJson {
    static final String CLASS = "UNet2DModel";
    static final String VERSION = "0.40.0";

    private static final String CLASS_KEY = "_class_name";
    private static final String MID_BLOCK = "UNetMidBlock2D";
    private static final List<String> DOWN_TYPES =
            List.of(UNet2DConfig.DOWN, UNet2DConfig.ATTN_DOWN, UNet2DConfig.ATTN_DOWN, UNet2DConfig.ATTN_DOWN);
    private static final List<String> UP_TYPES =
            List.of(UNet2DConfig.ATTN_UP, UNet2DConfig.ATTN_UP, UNet2DConfig.ATTN_UP, UNet2DConfig.UP);

    private UNet2DJson() {}

    /**
     * The network that a config.json describes; what it does not name is as UNet2DModel has it. Its dropout is left out: that is for
     * training.
     *
     * @param file for messages
     * @throws UserError naming the class where it is another one, and each setting that is not known or does not fit
     */
    public static UNet2DConfig read(String file, JsonNode json) {
        String name = json.path(CLASS_KEY).asText(CLASS);
        if (!name.equals(CLASS)) {
            throw new UserError(file + ": is of a " + name + "; only " + CLASS + " is known here");
        }
        Settings s = new Settings(file, json);
        requireCommon(s);
        Integer classes = s.integerOrNull("num_class_embeds", null);
        UNet2DConfig config = new UNet2DConfig(
                s.integer("in_channels", 3),
                size(file, json.path("sample_size")),
                s.integers("block_out_channels", List.of(224, 448, 672, 896)),
                s.texts("down_block_types", DOWN_TYPES),
                s.texts("up_block_types", UP_TYPES),
                s.integer("layers_per_block", 2),
                s.integerOrNull("attention_head_dim", 8),
                s.integer("norm_num_groups", 32),
                s.number("norm_eps", 1e-5),
                s.integerOrNull("attn_norm_num_groups", null),
                s.flag("add_attention", true),
                s.number("mid_block_scale_factor", 1),
                s.integer("downsample_padding", 1),
                s.flag("flip_sin_to_cos", true),
                s.number("freq_shift", 0),
                s.integerOrNull("time_embedding_dim", null),
                s.text("resnet_time_scale_shift", UNet2DConfig.ADDED),
                0,
                s.integer("out_channels", 3),
                classes == null ? ClassCount.NONE : String.valueOf(classes));
        s.requireAllUnderstood();
        Problems problems = new Problems();
        config.check(problems);
        problems.throwIfAny(key -> " (from " + file + ")");
        return config;
    }

    /** What UNet2DModel can do and our network cannot. */
    private static void requireCommon(Settings s) {
        s.require("act_fn", "silu", "swish"); // two names of one function
        s.require("center_input_sample", "false");
        s.require("class_embed_type", "null");
        s.require("downsample_type", "conv");
        s.require("upsample_type", "conv");
        s.require("time_embedding_type", "positional");
        s.require("mid_block_type", MID_BLOCK);
        s.ignore("dropout", "num_train_timesteps", "sample_size"); // the second is of another time embedding
    }

    private static ImageSize size(String file, JsonNode size) {
        boolean square = size.isInt();
        if (!square
                && !(size.isArray()
                        && size.size() == 2
                        && size.get(0).isInt()
                        && size.get(1).isInt())) {
            throw new UserError(file + ": sample_size: expected a number of pixels such as 32, got "
                    + (size.isMissingNode() ? "none" : size) + "; write the size of an image into it");
        }
        return square
                ? new ImageSize(size.intValue(), size.intValue())
                : new ImageSize(size.get(0).intValue(), size.get(1).intValue());
    }

    /** Every setting of a UNet2DModel that is the network of {@code config}. */
    public static ObjectNode write(UNet2DConfig config) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put(CLASS_KEY, CLASS);
        json.put("_diffusers_version", VERSION);
        json.put("act_fn", "silu");
        json.put("add_attention", config.addAttention());
        json.put("attention_head_dim", config.attentionHeadDim());
        json.put("attn_norm_num_groups", config.attnNormNumGroups());
        ArrayNode widths = json.putArray("block_out_channels");
        config.blockOutChannels().forEach(widths::add);
        json.put("center_input_sample", false);
        json.putNull("class_embed_type");
        texts(json.putArray("down_block_types"), config.downBlockTypes());
        json.put("downsample_padding", config.downsamplePadding());
        json.put("downsample_type", "conv");
        json.put("dropout", 0.0);
        json.put("flip_sin_to_cos", config.flipSinToCos());
        wholeIfItIs(json, "freq_shift", config.freqShift());
        json.put("in_channels", config.imChannels());
        json.put("layers_per_block", config.layersPerBlock());
        wholeIfItIs(json, "mid_block_scale_factor", config.midBlockScaleFactor());
        json.put("mid_block_type", MID_BLOCK);
        json.put("norm_eps", config.normEps());
        json.put("norm_num_groups", config.normNumGroups());
        int classes = ClassCount.of(config.classes());
        json.put("num_class_embeds", classes == 0 ? null : (Integer) classes);
        json.putNull("num_train_timesteps");
        json.put("out_channels", config.outChannels());
        json.put("resnet_time_scale_shift", config.resnetTimeScaleShift());
        size(json, config.imSize());
        json.put("time_embedding_dim", config.timeEmbeddingDim());
        json.put("time_embedding_type", "positional");
        texts(json.putArray("up_block_types"), config.upBlockTypes());
        json.put("upsample_type", "conv");
        return json;
    }

    private static void size(ObjectNode json, ImageSize size) {
        if (size.height() == size.width()) {
            json.put("sample_size", size.height());
        } else {
            json.putArray("sample_size").add(size.height()).add(size.width());
        }
    }

    private static void texts(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }

    /** As Python has it where nobody wrote a point. */
    private static void wholeIfItIs(ObjectNode json, String key, double value) {
        if (value == Math.rint(value)) {
            json.put(key, (int) value);
        } else {
            json.put(key, value);
        }
    }
}
