package ddpm;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How this program was started, so that a message can name a command that can be typed: {@code java -jar
 * ddpm/target/ddpm.jar train --resume}, where there is no {@code ddpm} on the path.
 *
 * @param start what stands before the command, already quoted
 * @param windows whether words are quoted for Windows' shells
 */
public record Invocation(String start, boolean windows) {
    /** A script that starts Java sets it to its own name: {@code -Dddpm.command=./ddpm}. */
    static final String PROPERTY = "ddpm.command";

    private static final String NAME = "ddpm";
    private static final boolean ON_WINDOWS = File.separatorChar == '\\';

    /** What no shell takes for anything but itself. */
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_@%+=:,./-]+");

    /** Home and drive letters are no trouble on Windows, whose paths have backslashes. */
    private static final Pattern PLAIN_ON_WINDOWS = Pattern.compile("[\\p{L}\\p{N}_@+=:,./\\\\~-]+");

    private static final Invocation CURRENT = new Invocation(
            start(System.getProperty(PROPERTY), System.getProperty("sun.java.command", ""), jar(), java(), ON_WINDOWS),
            ON_WINDOWS);

    /** The command that continues with {@code words}: {@code command("train", "--resume", "--out", folder)}. */
    public static String command(Object... words) {
        return CURRENT.with(words);
    }

    /** The start of a command with one more option of Java: {@code java -Xmx8g -jar ddpm.jar}. */
    public static String withJava(String option) {
        return CURRENT.java(option);
    }

    /** As {@link #withJava}, of this one; a script passes on what stands in JAVA_TOOL_OPTIONS. */
    String java(String option) {
        int jar = start.indexOf(" -jar ");
        return jar < 0
                ? "JAVA_TOOL_OPTIONS=" + option + " " + start
                : start.substring(0, jar) + " " + option + start.substring(jar);
    }

    /** As {@link #command}, of this one. */
    String with(Object... words) {
        return Stream.concat(Stream.of(start), Arrays.stream(words).map(word -> quoted(word.toString(), windows)))
                .collect(Collectors.joining(" "));
    }

    /**
     * What stands before the command.
     *
     * @param given by a script; null or blank for none
     * @param typed the main class or the jar as it was typed, and the arguments, parted by blanks
     * @param jar that this class is in; empty where it is in none
     * @param java how Java is called
     */
    static String start(String given, String typed, Optional<Path> jar, String java, boolean windows) {
        if (given != null && !given.isBlank()) {
            return given.strip();
        }
        return jar.flatMap(file -> typedJar(typed, file))
                .map(file -> quoted(java, windows) + " -jar " + quoted(file, windows))
                .orElse(NAME);
    }

    /** The name that the jar was typed by. Blanks may belong to it or end it: the file decides. */
    private static Optional<String> typedJar(String typed, Path jar) {
        for (int end = typed.indexOf(' '); ; end = typed.indexOf(' ', end + 1)) {
            String name = end < 0 ? typed : typed.substring(0, end);
            if (isFile(name, jar)) {
                return Optional.of(name);
            }
            if (end < 0) {
                return Optional.empty();
            }
        }
    }

    private static boolean isFile(String name, Path jar) {
        try {
            return !name.isEmpty() && Files.isRegularFile(Path.of(name)) && Files.isSameFile(Path.of(name), jar);
        } catch (IOException | InvalidPathException e) {
            return false; // then it is not the jar
        }
    }

    private static Optional<Path> jar() {
        try {
            var source = Invocation.class.getProtectionDomain().getCodeSource();
            return source == null
                    ? Optional.empty()
                    : Optional.of(Path.of(source.getLocation().toURI()));
        } catch (URISyntaxException | IllegalArgumentException e) {
            return Optional.empty(); // not a file
        }
    }

    /** {@code java} where the path leads to the one that runs, its file elsewhere. */
    private static String java() {
        Optional<String> running = ProcessHandle.current().info().command();
        String path = System.getenv("PATH");
        return running.isEmpty() || path == null
                ? "java"
                : java(Path.of(running.get()), List.of(path.split(File.pathSeparator)));
    }

    /** @param running the executable @param folders that a shell looks for programs in */
    static String java(Path running, List<String> folders) {
        String name = running.getFileName().toString();
        String bare = name.toLowerCase(Locale.ROOT).endsWith(".exe") ? name.substring(0, name.length() - 4) : name;
        for (String folder : folders) {
            try {
                Path found = folder.isEmpty() ? null : Path.of(folder, name);
                if (found != null && Files.isExecutable(found)) {
                    // the first is the one that a shell takes
                    return found.toRealPath().equals(running.toRealPath()) ? bare : running.toString();
                }
            } catch (IOException | InvalidPathException e) {
                continue; // a shell finds nothing there either
            }
        }
        return running.toString();
    }

    /** The word as a shell gives it on unchanged. */
    static String quoted(String word, boolean windows) {
        if ((windows ? PLAIN_ON_WINDOWS : PLAIN).matcher(word).matches()) {
            return word;
        }
        return windows ? "\"" + word + "\"" : "'" + word.replace("'", "'\\''") + "'";
    }
}
