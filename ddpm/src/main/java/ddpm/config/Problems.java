package ddpm.config;

import ddpm.UserError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;

/** Collects everything that is wrong with a configuration, so that one run shows all of it and not one thing a run. */
public final class Problems {
    /**
     * One thing to change.
     *
     * @param key the full key path, such as {@code train.batch}
     * @param text what is wrong and the remedy, without the key
     */
    public record Problem(String key, String text) {
        @Override
        public String toString() {
            return key + ": " + text;
        }
    }

    private final String section;
    private final List<Problem> found;

    /** Nothing found yet; keys are full paths. */
    public Problems() {
        this("", new ArrayList<>());
    }

    private Problems(String section, List<Problem> found) {
        this.section = section;
        this.found = found;
    }

    /** The same collection, whose keys are taken to be in {@code name}. */
    public Problems in(String name) {
        return new Problems(path(name) + ".", found);
    }

    /** The full path of {@code key} in this section. */
    public String path(String key) {
        return section + key;
    }

    /** Records {@code text} against {@code key}. */
    public void add(String key, String text) {
        found.add(new Problem(path(key), text));
    }

    /** Records a problem unless {@code value >= least}. */
    public void atLeast(long least, String key, long value) {
        if (value < least) {
            add(key, "must be at least " + least + ", got " + value);
        }
    }

    /** Records a problem unless {@code ok}; {@code range} reads like {@code "above 0 and at most 1"}. */
    public void range(boolean ok, String key, double value, String range) {
        if (!ok) {
            add(key, "must be " + range + ", got " + value);
        }
    }

    /** Records a problem unless {@code value} is one of {@code choices}. */
    public void oneOf(Collection<String> choices, String key, String value) {
        if (!choices.contains(value)) {
            add(key, "must be " + list(choices, "or") + ", got \"" + value + "\"");
        }
    }

    /** Records a problem unless {@code value} is the name of one of a family of choices. */
    public void named(List<? extends Named<?>> all, String what, String key, String value) {
        List<String> names = Named.names(all);
        if (!names.contains(value)) {
            add(key, Nearest.missing(what, value, names));
        }
    }

    /** What was found, in the order of finding. */
    public List<Problem> found() {
        return List.copyOf(found);
    }

    /** Whether nothing is wrong. */
    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** Throws one {@link UserError} that lists every problem; does nothing where there is none. */
    public void throwIfAny() {
        throwIfAny(key -> "");
    }

    /** As {@link #throwIfAny()}; {@code origin} gives what to append for a key, such as {@code " (from --batch)"}. */
    public void throwIfAny(UnaryOperator<String> origin) {
        if (found.isEmpty()) {
            return;
        }
        List<String> lines = found.stream().map(p -> p + origin.apply(p.key())).toList();
        throw UserError.usage(
                lines.size() == 1
                        ? lines.get(0)
                        : lines.size() + " problems in the configuration:\n  " + String.join("\n  ", lines));
    }

    /** {@code "a, b or c"}. */
    public static String list(Collection<String> words, String lastJoin) {
        List<String> all = List.copyOf(words);
        int n = all.size();
        return n < 2
                ? String.join("", all)
                : String.join(", ", all.subList(0, n - 1)) + " " + lastJoin + " " + all.get(n - 1);
    }
}
