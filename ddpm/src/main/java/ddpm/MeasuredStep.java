package ddpm;

import ddpm.engine.profile.ChromeTrace;
import ddpm.engine.profile.Profile;
import ddpm.engine.profile.ProfileTable;
import ddpm.engine.profile.Profiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * One step of many that is measured, alone and without a graph; the result is the same.
 *
 * @param profiler of the backend that the steps are computed on
 * @param step from 1
 */
public record MeasuredStep(Profiler profiler, long step) {
    /**
     * Does the step and writes what it consists of.
     *
     * @return the table and where it is, for the user
     */
    public String measure(Runnable body, Path table, Path trace) throws IOException {
        Profile profile = profiler.measure(body);
        String text = String.format(Locale.ROOT, "step %,d on %s", step, ProfileTable.of(profile));
        Files.writeString(table, text);
        Files.writeString(trace, ChromeTrace.of(profile));
        return text.stripTrailing() + System.lineSeparator() + "profile: " + table + ", " + trace;
    }
}
