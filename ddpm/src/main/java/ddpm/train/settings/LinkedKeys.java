package ddpm.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import ddpm.config.ImageSize;
import ddpm.config.Layers;
import ddpm.config.Yaml;
import ddpm.model.unet2d.UNet2DConfig;

/**
 * Settings that stand for one another, or must fit each other. Who sets one of a pair leaves the other to us; without this,
 * {@code train.epochs=3} over a file with {@code train.steps} would have no effect, and {@code data.size=32x32} over a preset
 * for 28x28 would be a contradiction. Who sets both means both.
 */
final class LinkedKeys {
    private final Layers layer;
    private final Layers below;

    private LinkedKeys(Layers layer, Layers below) {
        this.layer = layer;
        this.below = below;
    }

    /** Adds the other of each pair to {@code layer} where it sets only one. @param below what it will be laid over */
    static void complete(Layers layer, Layers below) {
        LinkedKeys keys = new LinkedKeys(layer, below);
        keys.clearOther("train.steps", "train.epochs");
        keys.clearOther("train.epochs", "train.steps");
        keys.size();
        keys.channels();
        keys.widths();
        keys.blocks();
        keys.sampling();
        keys.outputs();
    }

    private boolean sets(String key) {
        return layer.get(key) != null;
    }

    /** What counts once the layer is laid on; null where nothing does. */
    private JsonNode effective(String key) {
        return sets(key) ? layer.get(key) : below.get(key);
    }

    /** Sets a key as a consequence of another, which errors then name the source of. */
    private void follow(String key, JsonNode value, String cause) {
        layer.set(key, value, layer.source(cause));
    }

    private void clearOther(String given, String other) {
        if (sets(given) && !layer.get(given).isNull() && !sets(other)) {
            follow(other, NullNode.instance, given);
        }
    }

    private void size() {
        JsonNode data = layer.get("data.size");
        JsonNode model = layer.get("model.im_size");
        if (data != null && model == null) {
            // as text: YAML reads 16 as a number
            ImageSize.parse(data.asText())
                    .ifPresent(size -> follow("model.im_size", array(size.height(), size.width()), "data.size"));
        } else if (data == null && model != null) {
            boolean square = model.isInt();
            if (square || model.isArray() && model.size() == 2) {
                String text = square ? model + "x" + model : model.get(0) + "x" + model.get(1);
                follow("data.size", TextNode.valueOf(text), "model.im_size");
            }
        }
    }

    /** The images', the model's, and those of the noise that it predicts are the same number. */
    private void channels() {
        String data = "data.channels";
        String in = "model.im_channels";
        String out = "model.out_channels";
        String given = sets(in) ? in : sets(data) ? data : out;
        if (!sets(given)) {
            return;
        }
        String number = layer.get(given).asText();
        if (!number.equals("1") && !number.equals("3")) {
            return;
        }
        if (!sets(data)) {
            follow(data, TextNode.valueOf(number), given);
        }
        if (!sets(in)) {
            follow(in, IntNode.valueOf(Integer.parseInt(number)), given);
        }
        if (!sets(out)) {
            follow(out, NullNode.instance, given); // as im_channels
        }
    }

    /** The widths of the bottom, and what is told level by level, follow the widths of the levels. */
    private void widths() {
        String key = "model.down_channels";
        JsonNode down = layer.get(key);
        if (down == null || !down.isArray() || down.size() < 2) {
            return;
        }
        int levels = down.size() - 1;
        JsonNode mid = below.get("model.mid_channels");
        if (!sets("model.mid_channels") && mid != null && mid.size() >= 2) {
            ArrayNode widths = array();
            for (int i = 0; i < mid.size() - 1; i++) {
                widths.add(down.get(levels));
            }
            follow("model.mid_channels", widths.add(down.get(levels - 1)), key);
        }
        perLevel("model.down_sample", levels, key);
        perLevel("model.attention", levels, key);
    }

    /** The kinds of block follow the number of widths; those on the way up mirror those on the way down again. */
    private void blocks() {
        String widths = "model.block_out_channels";
        String down = "model.down_block_types";
        String up = "model.up_block_types";
        if (sets(widths) && layer.get(widths).isArray()) {
            if (below.get(down) == null && !sets(down)) { // the kind is new: its own are below
                below.set(down, Yaml.node(UNet2DConfig.standard().downBlockTypes()), layer.source(widths));
            }
            perLevel(down, layer.get(widths).size(), widths);
        }
        if (sets(down) && !sets(up)) {
            follow(up, NullNode.instance, down);
        }
    }

    /** Cuts a list for other levels, or repeats its last entry. */
    private void perLevel(String key, int levels, String cause) {
        JsonNode list = below.get(key);
        if (sets(key) || list == null || list.isEmpty() || list.size() == levels) {
            return;
        }
        ArrayNode fitted = array();
        for (int i = 0; i < levels; i++) {
            fitted.add(list.get(Math.min(i, list.size() - 1)));
        }
        follow(key, fitted, cause);
    }

    /** Who names {@code ddpm} alone, or another number of timesteps with it, means all of them; no sampler takes more. */
    private void sampling() {
        String steps = "sample.steps";
        String sampler = "sample.sampler";
        String timesteps = "diffusion.timesteps";
        JsonNode all = effective(timesteps);
        JsonNode some = effective(steps);
        if (all == null || !all.isInt() || some == null || !some.isInt() || effective(sampler) == null) {
            return;
        }
        boolean ddpm = effective(sampler).asText().equals("ddpm");
        if (!sets(steps)
                && (sets(sampler) || sets(timesteps))
                && (ddpm ? some.intValue() != all.intValue() : some.intValue() > all.intValue())) {
            follow(steps, all, sets(timesteps) ? timesteps : sampler);
        }
    }

    /** A learned variance needs as many outputs again. */
    private void outputs() {
        String variance = "objective.variance";
        JsonNode channels = effective("model.im_channels");
        if (sets(variance) && !sets("model.out_channels") && channels != null && channels.isInt()) {
            boolean learned = layer.get(variance).asText().equals("learned_range");
            follow(
                    "model.out_channels",
                    learned ? IntNode.valueOf(2 * channels.intValue()) : NullNode.instance,
                    variance);
        }
    }

    private ArrayNode array(int... values) {
        ArrayNode array = layer.tree().arrayNode();
        for (int value : values) {
            array.add(value);
        }
        return array;
    }
}
