package ddpm.cli;

import ddpm.UserError;
import ddpm.config.Nearest;
import ddpm.config.Problems;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** What an option may be; each check throws a usage error that names the option. */
final class OptionChecks {
    private OptionChecks() {}

    static void oneOf(String option, String value, Collection<String> choices) {
        if (value != null && !choices.contains(value)) {
            String near = Nearest.to(value, choices)
                    .map(c -> "; did you mean " + c + "?")
                    .orElse("");
            throw UserError.usage(option + " " + value + ": must be " + Problems.list(choices, "or") + near);
        }
    }

    static void atLeastOne(String option, Integer value) {
        if (value != null && value < 1) {
            throw UserError.usage(option + " " + value + ": must be at least 1");
        }
    }

    static void ending(String option, Path file, String... endings) {
        if (file == null) {
            return;
        }
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (List.of(endings).stream().noneMatch(name::endsWith)) {
            throw UserError.usage(
                    option + " " + file + ": the name must end in " + Problems.list(List.of(endings), "or"));
        }
    }
}
