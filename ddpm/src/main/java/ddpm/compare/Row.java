package ddpm.compare;

import java.util.List;

/**
 * A row of a table with a column for each run.
 *
 * @param values one of each run, as shown; {@link #NONE} where it has none
 */
record Row(String name, List<String> values) {
    /** What stands where a run has no such value, as a setting of another kind of network. */
    static final String NONE = "-";

    /** Whether no run has one. */
    boolean isEmpty() {
        return values.stream().allMatch(NONE::equals);
    }
}
