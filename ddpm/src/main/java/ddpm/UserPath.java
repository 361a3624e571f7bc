package ddpm;

import ddpm.engine.disk.PathText;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A path as a person writes it, on the command line or in a file of settings: with {@code ~} for the home folder, which
 * shells expand only at the start of a word, not in {@code --out=~/x}.
 */
public final class UserPath {
    private static final int NAME_BYTES = 255; // of ext4, XFS, APFS, NTFS; a longer name fails only where it is made
    private static final int PATH_BYTES = 4095;

    private UserPath() {}

    /** @throws UserError of bad usage: what is wrong with {@code text}, without naming the option it came from */
    public static Path of(String text) {
        return of(text, home());
    }

    /** @param home what {@code ~} stands for */
    public static Path of(String text, Path home) {
        problem(text).ifPresent(p -> {
            throw UserError.usage(p);
        });
        try {
            if (text.equals("~")) {
                return home;
            }
            return text.startsWith("~/") ? home.resolve(PathText.path(text.substring(2))) : PathText.path(text);
        } catch (InvalidPathException e) {
            throw UserError.usage("is no name of a file or folder on this system (" + e.getReason() + ")", e);
        }
    }

    private static Optional<String> problem(String text) {
        if (text.isBlank()) {
            return Optional.of("is empty; name a file or folder");
        }
        if (text.indexOf('\0') >= 0) {
            return Optional.of("holds a NUL character, which no name can");
        }
        if (text.indexOf('\uFFFD') >= 0) {
            return Optional.of("holds a character that this process cannot read in its locale ("
                    + System.getProperty("sun.jnu.encoding") + "); set LC_ALL=C.UTF-8, or rename it");
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > PATH_BYTES) {
            return Optional.of("is longer than the " + PATH_BYTES + " bytes that a path can have; shorten it");
        }
        for (String name : text.split("/")) {
            if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES) {
                return Optional.of("has a name of more than " + NAME_BYTES + " bytes; shorten it");
            }
        }
        return Optional.empty();
    }

    /** The user's folder. */
    public static Path home() {
        return home(System.getProperty("user.home"), System.getenv("HOME"));
    }

    /** Java says "?" for a user without an entry in /etc/passwd, as in many containers. */
    static Path home(String property, String variable) {
        boolean known = property != null && !property.isBlank() && !property.equals("?");
        String folder = known ? property : variable == null || variable.isBlank() ? "." : variable;
        try {
            return PathText.path(folder);
        } catch (InvalidPathException e) {
            return Path.of("."); // as for one that is not known
        }
    }
}
