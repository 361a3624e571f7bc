package ddpm.cli;

import ddpm.UserError;
import ddpm.config.Problems;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** What an option may be; each check throws a usage error that names the option. Null is an option not given. */
public final class OptionChecks {
    private OptionChecks() {}

    public static void oneOf(String option, String value, Collection<String> choices) {
        if (value != null && !choices.contains(value)) {
            throw UserError.usage(option + " " + value + ": must be " + Problems.list(choices, "or"));
        }
    }

    public static void atLeast(String option, Integer value, int least) {
        if (value != null && value < least) {
            throw UserError.usage(option + " " + value + ": must be at least " + least);
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

    static void guidance(double weight) {
        if (!(weight >= 0 && weight <= 100)) {
            throw UserError.usage("--guidance " + weight + ": must be from 0 to 100; 1 is the network as it is");
        }
    }
}
