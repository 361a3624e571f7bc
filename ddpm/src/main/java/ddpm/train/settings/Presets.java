package ddpm.train.settings;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.UserError;
import ddpm.config.Named;
import ddpm.config.Nearest;
import ddpm.config.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The configurations that come with the program: complete, commented YAML files that {@code --config} accepts too. */
public final class Presets {
    private static final List<String> NAMES =
            List.of("quick", "mnist", "textures", "cifar", "cifar10", "dit-tiny", "dit-s");

    private Presets() {}

    /** Their names, the one to start with first. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * The text of a preset's file.
     *
     * @throws UserError where there is none of that name
     */
    public static String yaml(String name) {
        if (!NAMES.contains(name)) {
            throw UserError.usage(Nearest.missing("preset", name, NAMES));
        }
        return resource(name + ".yaml");
    }

    /** The text of a file that comes with the program. */
    static String resource(String file) {
        String resource = "/ddpm/presets/" + file;
        try (InputStream in = Presets.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing from the jar; build it anew");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a preset is for, in one line: the comment its file begins with. */
    public static String summary(String name) {
        String first = yaml(name).lines().findFirst().orElseThrow();
        return first.substring(first.indexOf(':') + 1).strip();
    }

    /** Them with their summaries, for lists. */
    public static List<Named<String>> all() {
        return NAMES.stream()
                .map(name -> Named.named(name, summary(name), name))
                .toList();
    }

    static ObjectNode tree(String name) {
        return (ObjectNode) Yaml.parse(yaml(name), "preset " + name);
    }
}
