package ddpm.verify.vectors;

import ddpm.UserError;
import ddpm.engine.disk.IoReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a folder's README.md says it holds: below each heading {@code ## NAME.safetensors}, the rows {@code | `tensor` |
 * dtype | shape |}. Without it a case that is gone altogether could not be told from one that never was.
 */
final class Documentation {
    private static final Pattern HEADING = Pattern.compile("##\\s+(\\S+)\\s*");
    private static final Pattern ROW = Pattern.compile("\\|\\s*`([^`]+)`\\s*\\|\\s*[A-Z]+[0-9]+\\s*\\|.*");

    private Documentation() {}

    /** Names of tensors by file; empty where there is no README.md. */
    static Map<String, List<String>> of(Path folder) {
        Path readme = folder.resolve("README.md");
        if (!Files.isRegularFile(readme)) {
            return Map.of();
        }
        try {
            // a byte that is not UTF-8 is no reason to refuse the vectors
            return parse(new String(Files.readAllBytes(readme), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UserError(readme + ": cannot be read: " + IoReason.of(e), e);
        }
    }

    private static Map<String, List<String>> parse(String text) {
        Map<String, List<String>> tensors = new LinkedHashMap<>();
        List<String> section = new ArrayList<>();
        for (String line : text.lines().toList()) {
            Matcher heading = HEADING.matcher(line);
            Matcher row = ROW.matcher(line);
            if (heading.matches()) {
                section = heading.group(1).endsWith(VectorFolder.SUFFIX)
                        ? tensors.computeIfAbsent(heading.group(1), f -> new ArrayList<>())
                        : new ArrayList<>();
            } else if (row.matches()) {
                section.add(row.group(1));
            }
        }
        return Collections.unmodifiableMap(tensors);
    }
}
