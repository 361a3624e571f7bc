package ddpm.config;

import ddpm.UserError;
import java.util.List;

/**
 * One of a family of choices: what people type, what it is in one line, and the choice itself. Each family is one list;
 * checks, help, suggestions and documents read that list and no other.
 *
 * @param name as in configurations and on the command line, such as {@code dpmpp_2m}
 * @param summary one line without a full stop, with its source
 */
public record Named<T>(String name, String summary, T value) {
    /** For the lines of a list. */
    public static <T> Named<T> named(String name, String summary, T value) {
        return new Named<>(name, summary, value);
    }

    /** The names in the order of the list. */
    public static List<String> names(List<? extends Named<?>> all) {
        return all.stream().map(Named::name).toList();
    }

    /**
     * The choice of that name.
     *
     * @param what how an error calls the family, such as {@code "sampler"}
     * @throws UserError with the name that was probably meant
     */
    public static <T> T find(List<Named<T>> all, String what, String name) {
        return all.stream()
                .filter(n -> n.name.equals(name))
                .map(Named::value)
                .findFirst()
                .orElseThrow(() -> UserError.usage(Nearest.missing(what, name, names(all))));
    }
}
