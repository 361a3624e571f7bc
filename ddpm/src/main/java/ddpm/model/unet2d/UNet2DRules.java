package ddpm.model.unet2d;

import ddpm.config.Nearest;
import ddpm.config.Problems;
import ddpm.engine.backend.Backend;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The rules that the settings of a {@link UNet2D} obey; what each is for is in {@link UNet2DConfig}. */
final class UNet2DRules {
    /** More would overflow the extents of the tensors long before it would be of use. */
    private static final int LARGEST_SIDE = 4096;

    private static final int MOST_LEVELS = 13;

    private final UNet2DConfig config;
    private final Problems problems;

    private UNet2DRules(UNet2DConfig config, Problems problems) {
        this.config = config;
        this.problems = problems;
    }

    static void check(UNet2DConfig config, Problems problems) {
        UNet2DRules rules = new UNet2DRules(config, problems);
        int before = problems.found().size();
        rules.checkImages();
        rules.checkLevels();
        rules.checkNumbers();
        if (problems.found().size() == before) {
            // only now every width that the following looks up is there and positive
            rules.checkTime();
            rules.checkGroups();
            rules.checkHeads();
        }
    }

    /**
     * Returns where the backend computes the heads of every self-attention. Not a rule of the configuration: another device may well
     * compute them.
     *
     * @throws ddpm.UserError naming each width whose heads are too wide
     */
    static void requireHeads(UNet2DConfig config, Backend backend) {
        Problems problems = new Problems().in("model");
        long widest = backend.attention().widestHead();
        new UNet2DRules(config, problems).attended().forEach((width, where) -> {
            int head = width / config.heads(width);
            if (head > widest) {
                problems.add(
                        "attention_head_dim",
                        "each head of C=" + width + " (" + where + ") is " + head + " wide, the attention of "
                                + backend.name() + " takes at most " + widest + "; choose a head of at most " + widest
                                + ", or --device cpu");
            }
        });
        problems.throwIfAny();
    }

    private void checkImages() {
        if (config.imChannels() != 1 && config.imChannels() != 3) {
            problems.add("im_channels", "must be 1 (grey) or 3 (RGB), got " + config.imChannels());
        }
        int height = config.imSize().height();
        int width = config.imSize().width();
        if (Math.min(height, width) < 1 || Math.max(height, width) > LARGEST_SIDE) {
            problems.add("im_size", "sides must be from 1 to " + LARGEST_SIDE + " pixels, got " + config.imSize());
        }
        problems.atLeast(1, "out_channels", config.outChannels());
    }

    private void checkLevels() {
        List<Integer> widths = config.blockOutChannels();
        if (widths.isEmpty() || widths.size() > MOST_LEVELS) {
            problems.add("block_out_channels", "needs from 1 to " + MOST_LEVELS + " widths, got " + widths);
        }
        for (int i = 0; i < widths.size(); i++) {
            problems.atLeast(1, "block_out_channels[" + i + "]", widths.get(i));
        }
        checkTypes("down_block_types", config.downBlockTypes(), List.of(UNet2DConfig.DOWN, UNet2DConfig.ATTN_DOWN));
        checkTypes("up_block_types", config.upBlockTypes(), List.of(UNet2DConfig.UP, UNet2DConfig.ATTN_UP));
    }

    private void checkTypes(String key, List<String> types, List<String> known) {
        for (int i = 0; i < types.size(); i++) {
            if (!known.contains(types.get(i))) {
                problems.add(key + "[" + i + "]", Nearest.missing("block", types.get(i), known));
            }
        }
        if (types.size() != config.levels()) {
            problems.add(
                    key,
                    types.size() + " entries for the " + config.levels() + " levels of "
                            + problems.path("block_out_channels") + "=" + config.blockOutChannels()
                            + "; give one per level");
        }
    }

    private void checkNumbers() {
        problems.atLeast(1, "layers_per_block", config.layersPerBlock());
        problems.atLeast(1, "norm_num_groups", config.normNumGroups());
        problems.range(config.normEps() > 0, "norm_eps", config.normEps(), "above 0");
        atLeastOne("attention_head_dim", config.attentionHeadDim());
        atLeastOne("attn_norm_num_groups", config.attnNormNumGroups());
        atLeastOne("time_embedding_dim", config.timeEmbeddingDim());
        problems.range(
                config.midBlockScaleFactor() > 0, "mid_block_scale_factor", config.midBlockScaleFactor(), "above 0");
        if (config.downsamplePadding() != 0 && config.downsamplePadding() != 1) {
            problems.add(
                    "downsample_padding",
                    "must be 1 (zeros on all sides) or 0 (below and on the right), got " + config.downsamplePadding());
        }
        problems.oneOf(
                List.of(UNet2DConfig.ADDED, UNet2DConfig.SCALE_SHIFT),
                "resnet_time_scale_shift",
                config.resnetTimeScaleShift());
        if (config.dropout() != 0) {
            problems.add(
                    "dropout",
                    "must be 0: there is no dropout in training here, and in drawing it has no effect; got "
                            + config.dropout());
        }
    }

    private void atLeastOne(String key, Integer value) {
        if (value != null) {
            problems.atLeast(1, key, value);
        }
    }

    private void checkTime() {
        int waves = config.waves();
        if (waves % 2 != 0) {
            problems.add(
                    "block_out_channels[0]",
                    "must be even: a time becomes half sines, half cosines of that many; got " + waves);
        } else {
            problems.range(
                    config.freqShift() >= 0 && config.freqShift() < waves / 2,
                    "freq_shift",
                    config.freqShift(),
                    "from 0 to below half of " + problems.path("block_out_channels") + "[0], " + waves / 2);
        }
    }

    private void checkGroups() {
        Map<Integer, String> widths = new LinkedHashMap<>();
        for (int i = 0; i < config.levels(); i++) {
            widths.putIfAbsent(config.blockOutChannels().get(i), problems.path("block_out_channels[" + i + "]"));
        }
        widths.forEach((width, where) -> divides("norm_num_groups", "groups", config.normNumGroups(), width, where));
        if (config.addAttention() && config.attnNormNumGroups() != null) {
            int width = config.lastWidth();
            divides("attn_norm_num_groups", "groups", config.attnNormNumGroups(), width, widths.get(width));
        }
    }

    private void checkHeads() {
        if (config.attentionHeadDim() != null) {
            attended()
                    .forEach((width, where) -> divides(
                            "attention_head_dim", "channels of a head", config.attentionHeadDim(), width, where));
        }
    }

    private void divides(String key, String name, int divisor, int width, String where) {
        if (width % divisor != 0) {
            problems.add(
                    key,
                    name + "=" + divisor + " does not divide C=" + width + " (" + where + "); choose a divisor of "
                            + width + ", or make it a multiple of " + divisor);
        }
    }

    /** Every width that meets a self-attention, with a key that sets it. */
    private Map<Integer, String> attended() {
        Map<Integer, String> widths = new TreeMap<>();
        int last = config.levels() - 1;
        for (int i = 0; i <= last; i++) {
            if (config.downAttention(i) || config.upAttention(last - i) || i == last && config.addAttention()) {
                widths.putIfAbsent(config.blockOutChannels().get(i), problems.path("block_out_channels[" + i + "]"));
            }
        }
        return widths;
    }
}
