package ddpm.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.Invocation;
import ddpm.UserError;
import ddpm.config.Layers;
import ddpm.config.Yaml;
import ddpm.engine.disk.IoReason;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The config.yaml of a run. It has to be whole: a setting that is lost must not become a default, which would be another
 * model or other images.
 *
 * @param file where it is
 */
public record RunConfigFile(Path file) {
    /** What the program's own files begin with; one that a person wrote may leave settings to its preset. */
    public static final String HEADER = "# every setting of this run; train --config accepts this file\n";

    /**
     * The settings in it.
     *
     * @throws UserError where it is missing, empty, cut short, or no YAML; says what to do
     */
    ObjectNode read() {
        String text = text();
        if (text.replace("\0", "").isBlank()) {
            throw unusable("is empty");
        }
        JsonNode tree;
        try {
            tree = Yaml.parse(text, file.toString());
        } catch (UserError e) {
            if (text.startsWith(HEADER) && !text.endsWith("\n")) {
                throw unusable("is cut short: it ends amid line " + text.lines().count());
            }
            throw UserError.usage(e.getMessage() + "; " + remedy(), e);
        }
        if (tree.isNull()) {
            throw unusable("holds no setting");
        }
        if (!(tree instanceof ObjectNode settings)) {
            throw unusable("holds no keys such as \"train:\"");
        }
        if (text.startsWith(HEADER)) {
            requireWhole(text, settings);
            return withLaterSettings(settings);
        }
        return settings;
    }

    /** A file of an earlier version lacks the settings that came later: it means what that version did. */
    private static ObjectNode withLaterSettings(ObjectNode settings) {
        Layers all =
                new Layers((ObjectNode) Yaml.parse(Presets.resource("later-settings.yaml"), "later-settings.yaml"));
        Layers given = new Layers(settings);
        RunConfig.KINDS.settle(RunConfig.class, given, all);
        all.overlay(given);
        return all.tree();
    }

    /** The last of the settings is there, and the line that it is in has its end. */
    private void requireWhole(String text, ObjectNode settings) {
        List<String> keys =
                keys("", new ConfigLoader(Presets.names().get(0)).load().tree());
        String last = keys.get(keys.size() - 1);
        if (settings.at("/" + last.replace('.', '/')).isMissingNode()) {
            throw unusable("is cut short: it ends in line " + text.lines().count() + ", before " + last);
        }
        if (!text.endsWith("\n")) {
            throw unusable("is cut short: its last line, of " + last + ", has no end");
        }
    }

    private static List<String> keys(String path, ObjectNode tree) {
        List<String> keys = new ArrayList<>();
        tree.properties().forEach(e -> {
            if (e.getValue() instanceof ObjectNode section) {
                keys.addAll(keys(path + e.getKey() + ".", section));
            } else {
                keys.add(path + e.getKey());
            }
        });
        return keys;
    }

    private String text() {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw unusable("is missing");
        } catch (CharacterCodingException e) {
            throw unusable("is not UTF-8 text");
        } catch (IOException e) {
            throw Files.isDirectory(file)
                    ? unusable("is a folder, not a file")
                    : UserError.usage(
                            file + " cannot be read: " + IoReason.of(e) + "; it says what model and data the run is of",
                            e);
        }
    }

    private UserError unusable(String what) {
        return UserError.usage(file + " " + what + "; " + remedy());
    }

    /** What to do where it cannot be used, as the end of a sentence. */
    String remedy() {
        return "it says what model and data the run is of: put a copy of it back, or write the settings that the run"
                + " began with into it (" + Invocation.command("presets", "quick")
                + " prints those of a preset)";
    }
}
