package ddpm.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds what a person probably meant. */
public final class Nearest {
    private static final int SHORTEST_PREFIX = 3;

    private Nearest() {}

    /**
     * The known word within a third of {@code word}'s length in typing errors (at least one), or the first that starts
     * with it; nothing where none is that close, because a far-fetched suggestion is worse than the list.
     */
    public static Optional<String> to(String word, Collection<String> known) {
        String typed = word.toLowerCase(Locale.ROOT);
        String best = null;
        int least = Math.max(1, typed.length() / 3) + 1;
        for (String candidate : known) {
            int errors = typingErrors(typed, candidate.toLowerCase(Locale.ROOT));
            if (errors < least) {
                least = errors;
                best = candidate;
            }
        }
        if (best == null && typed.length() >= SHORTEST_PREFIX) {
            return known.stream()
                    .filter(k -> k.toLowerCase(Locale.ROOT).startsWith(typed))
                    .findFirst();
        }
        return Optional.ofNullable(best);
    }

    /**
     * What to say of a name that is not in a list: {@code there is no sampler "dim"; did you mean ddim?}
     *
     * @param what how an error calls the family, such as {@code "sampler"}
     */
    public static String missing(String what, String word, Collection<String> known) {
        return "there is no " + what + " \"" + word + "\"" + hint(word, known);
    }

    /** {@code "; did you mean X?"} or, where nothing is near, {@code "; known are X, Y and Z"}. */
    public static String hint(String word, Collection<String> known) {
        return to(word, known)
                .map(k -> "; did you mean " + k + "?")
                .orElseGet(() -> "; known are " + Problems.list(known, "and"));
    }

    /**
     * Insertions, deletions, replacements and swaps of neighbours that turn {@code a} into {@code b}: the optimal
     * string alignment distance, row by row.
     */
    static int typingErrors(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replace, 1 + Math.min(last[j], row[j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }
        return last[b.length()];
    }
}
