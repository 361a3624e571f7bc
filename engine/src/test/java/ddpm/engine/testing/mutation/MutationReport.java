package ddpm.engine.testing.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Counts by file and kind, and the survivors with the reasons that kernels/mutants.txt gives. */
final class MutationReport {
    private static final double REQUIRED = 0.95;

    private final List<Mutant> mutants;
    private final Map<Mutant, String> caught;
    private final Map<String, String> reasons = new HashMap<>();

    /** @param reasons lines "file, kind, text, reason", tabs between them; # begins a comment; may not exist */
    MutationReport(List<Mutant> mutants, Map<Mutant, String> caught, Path reasons) throws IOException {
        this.mutants = mutants;
        this.caught = caught;
        for (String line : Files.exists(reasons) ? Files.readAllLines(reasons) : List.<String>of()) {
            if (!line.isBlank() && !line.startsWith("#")) {
                int end = line.lastIndexOf('\t');
                this.reasons.put(line.substring(0, end), line.substring(end + 1));
            }
        }
    }

    /** All of sync, 95 % of the rest, and a reason for each that is left. */
    boolean good() {
        Predicate<Mutant> sync = mutant -> mutant.kind().equals("sync");
        return part(sync) == 1
                && part(sync.negate()) >= REQUIRED
                && mutants.stream().allMatch(m -> caught.containsKey(m) || reasons.containsKey(m.key()));
    }

    private double part(Predicate<Mutant> of) {
        long all = mutants.stream().filter(of).count();
        return all == 0
                ? 1
                : (double) mutants.stream()
                                .filter(of)
                                .filter(caught::containsKey)
                                .count()
                        / all;
    }

    String summary() {
        return List.of("sync", "bound", "guard").stream()
                .map(kind -> kind + " " + cell(kind, m -> true))
                .collect(Collectors.joining(", ", "caught: ", ""));
    }

    private String cell(String kind, Predicate<Mutant> more) {
        List<Mutant> of =
                mutants.stream().filter(m -> m.kind().equals(kind)).filter(more).toList();
        return of.isEmpty() ? "" : of.stream().filter(caught::containsKey).count() + " of " + of.size();
    }

    String text() {
        StringBuilder text = new StringBuilder("# Mutants of the kernels\n\nWritten by `kernels/mutation.sh`; "
                + summary() + ".\n\n| file | sync | bound | guard |\n| --- | --- | --- | --- |\n");
        mutants.stream().map(Mutant::file).distinct().forEach(file -> text.append("| ")
                .append(file)
                .append(List.of("sync", "bound", "guard").stream()
                        .map(kind -> " | " + cell(kind, m -> m.file().equals(file)))
                        .collect(Collectors.joining()))
                .append(" |\n"));
        text.append("\n## Survivors\n\n");
        mutants.stream().filter(m -> !caught.containsKey(m)).forEach(m -> text.append("* ")
                .append(m.place() + ", " + m.kind() + ": `" + m.text() + "`: ")
                .append(reasons.getOrDefault(m.key(), "NO REASON GIVEN") + "\n"));
        return text.toString();
    }
}
