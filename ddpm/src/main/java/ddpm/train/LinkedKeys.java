package ddpm.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import ddpm.config.ImageSize;
import ddpm.config.Layers;
import ddpm.data.DataConfig;

/**
 * Settings that stand for one another. Who sets one of a pair leaves the other to us; without this, {@code
 * train.epochs=3} over a file with {@code train.steps} would have no effect, and {@code data.size=32x32} over a preset
 * for 28x28 would be a contradiction. Who sets both means both.
 */
final class LinkedKeys {
    private LinkedKeys() {}

    /** Adds the other of each pair to {@code layer} where it sets only one. */
    static void complete(Layers layer) {
        clearOther(layer, "train.steps", "train.epochs");
        clearOther(layer, "train.epochs", "train.steps");
        size(layer);
        channels(layer);
    }

    private static void clearOther(Layers layer, String given, String other) {
        JsonNode value = layer.get(given);
        if (value != null && !value.isNull() && layer.get(other) == null) {
            layer.set(other, NullNode.instance, layer.source(given));
        }
    }

    private static void size(Layers layer) {
        JsonNode data = layer.get("data.size");
        JsonNode model = layer.get("model.im_size");
        if (data != null && data.isTextual() && model == null) {
            ImageSize.parse(data.textValue())
                    .ifPresent(size -> layer.set(
                            "model.im_size",
                            layer.tree().arrayNode().add(size.height()).add(size.width()),
                            layer.source("data.size")));
        } else if (data == null && model != null) {
            boolean square = model.isInt();
            if (square || model.isArray() && model.size() == 2) {
                String text = square ? model + "x" + model : model.get(0) + "x" + model.get(1);
                layer.set("data.size", TextNode.valueOf(text), layer.source("model.im_size"));
            }
        }
    }

    private static void channels(Layers layer) {
        JsonNode data = layer.get("data.channels");
        JsonNode model = layer.get("model.im_channels");
        if (data != null && model == null) {
            if (data.asText().equals("1") || data.asText().equals("3")) {
                layer.set("model.im_channels", IntNode.valueOf(data.asInt()), layer.source("data.channels"));
            }
        } else if (data == null && model != null && DataConfig.CHANNELS.contains(model.asText())) {
            layer.set("data.channels", TextNode.valueOf(model.asText()), layer.source("model.im_channels"));
        }
    }
}
