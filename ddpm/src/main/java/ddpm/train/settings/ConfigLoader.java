package ddpm.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import ddpm.UserError;
import ddpm.config.Layers;
import ddpm.config.Nearest;
import ddpm.config.Problems;
import ddpm.config.RecordReader;
import ddpm.config.Yaml;
import ddpm.engine.disk.IoReason;
import ddpm.model.ClassCount;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Puts a {@link RunConfig} together: a preset, over it a file that need not be complete, over that {@code --set}, over
 * that the options with a name of their own. Each later call overrides the earlier ones.
 *
 * <pre>{@code
 * RunConfig config = new ConfigLoader("quick").file(path).set(List.of("train.batch=32")).option("--lr", "train.lr", 1e-3).load();
 * }</pre>
 */
public final class ConfigLoader {
    /** A setting that this version does not know, in a file that people rarely write. */
    private static final String NEWER = "; if a newer version of ddpm wrote that file, go on with that version";

    private final String defaultPreset;
    private final List<Layers> layers = new ArrayList<>();
    private final Layers options = new Layers();
    private final Set<String> files = new HashSet<>(); // of runs
    private String chosenPreset;
    private String presetOfFile;

    /** Starts from {@code defaultPreset} unless {@link #preset} or a file names another. */
    public ConfigLoader(String defaultPreset) {
        this.defaultPreset = defaultPreset;
    }

    /** The preset that {@code --preset} names; null changes nothing. Wins over the one that a file names. */
    public ConfigLoader preset(String name) {
        if (name != null) {
            Presets.yaml(name);
            chosenPreset = name;
        }
        return this;
    }

    /** The settings in a YAML file, which need not be all; null changes nothing. */
    public ConfigLoader file(Path file) {
        return file == null ? this : file(file, "--config " + file);
    }

    /**
     * The settings in the config.yaml of a run.
     *
     * @throws UserError where it is missing, empty, cut short or no YAML
     */
    public ConfigLoader ofRun(Path file) {
        files.add(file.toString());
        return settings(withoutClasses(new RunConfigFile(file).read()), file, file.toString());
    }

    /** A run from before there were classes has none, whatever its preset has by now. */
    private static ObjectNode withoutClasses(ObjectNode settings) {
        if (settings.path("model").path("classes").isMissingNode()
                && (settings.path("model").isObject() || settings.path("model").isMissingNode())) {
            settings.withObject("/model").put("classes", ClassCount.NONE);
        }
        return settings;
    }

    private ConfigLoader file(Path file, String origin) {
        JsonNode tree = Yaml.parse(read(file, origin), origin);
        if (tree.isNull()) {
            return this;
        }
        if (!(tree instanceof ObjectNode settings)) {
            throw UserError.usage(origin + ": expected keys such as \"train:\", got " + tree);
        }
        return settings(settings, file, origin);
    }

    private ConfigLoader settings(ObjectNode settings, Path file, String origin) {
        JsonNode named = settings.remove("preset");
        if (named != null && !named.isNull()) {
            if (!Presets.names().contains(named.asText())) {
                throw UserError.usage(origin + ": preset: "
                        + Nearest.missing("preset", named.asText(), Presets.names())
                        + (files.contains(origin) ? NEWER : ""));
            }
            presetOfFile = named.asText();
        }
        Layers layer = new Layers();
        layer.overlay(settings, file.toString());
        layers.add(layer);
        return this;
    }

    /**
     * Settings spelled {@code key.path=value}, the value as in YAML; of two with the same key the later wins.
     *
     * @throws UserError where one is not of that form
     */
    public ConfigLoader set(List<String> settings) {
        Layers layer = new Layers();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            String key = equals < 0 ? "" : setting.substring(0, equals).strip();
            if (key.isEmpty() || key.startsWith(".") || key.endsWith(".") || key.contains("..")) {
                throw UserError.usage("--set " + setting + ": expected key.path=value, such as --set train.batch=32");
            }
            if (key.equals("preset")) {
                throw UserError.usage("--set " + setting + ": the preset is chosen with --preset");
            }
            String origin = "--set " + setting;
            layer.set(key, Yaml.parse(setting.substring(equals + 1), origin), origin);
        }
        layers.add(layer);
        return this;
    }

    /**
     * The value of an option with a name of its own; null, an option not given, changes nothing.
     *
     * @param name the option, for errors: {@code --batch}
     * @param key the setting it stands for: {@code train.batch}
     */
    public ConfigLoader option(String name, String key, Object value) {
        if (value != null) {
            options.set(key, Yaml.node(value), name);
        }
        return this;
    }

    /** The name of the preset that {@link #load} starts from. */
    public String presetName() {
        return chosenPreset != null ? chosenPreset : presetOfFile != null ? presetOfFile : defaultPreset;
    }

    /**
     * The resolved configuration.
     *
     * @throws UserError that lists every unknown key, every value of the wrong type or out of range, each with its path
     *     and where it came from
     */
    public RunConfig load() {
        Layers all = new Layers(Presets.tree(presetName()));
        List<Layers> ordered = new ArrayList<>(layers);
        ordered.add(options);
        for (Layers layer : ordered) {
            RunConfig.KINDS.settle(RunConfig.class, layer, all);
            LinkedKeys.complete(layer, all);
            all.overlay(layer);
        }
        all.tree().set("preset", TextNode.valueOf(presetName()));
        Problems problems = new Problems();
        var config = RecordReader.read(all.tree(), RunConfig.class, RunConfig.KINDS, problems);
        List<String> unknown = problems.found().stream()
                .filter(RecordReader::isUnknownKey)
                .map(Problems.Problem::key)
                .toList();
        problems.throwIfAny(key -> all.origin(key) + (unknown.contains(key) && fromRun(all.source(key)) ? NEWER : ""));
        config.orElseThrow().validate().throwIfAny(all::origin);
        return config.orElseThrow();
    }

    /** A whole section has no source of its own. */
    private boolean fromRun(String source) {
        return source == null ? !files.isEmpty() : files.contains(source);
    }

    private static String read(Path file, String origin) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw UserError.usage(origin + ": there is no such file", e);
        } catch (CharacterCodingException e) {
            throw UserError.usage(origin + ": not UTF-8 text; is this a YAML file?", e);
        } catch (IOException e) {
            String what =
                    Files.isDirectory(file) ? "is a folder, not a YAML file" : "cannot be read: " + IoReason.of(e);
            throw UserError.usage(origin + ": " + what, e);
        }
    }
}
