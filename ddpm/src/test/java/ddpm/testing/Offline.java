package ddpm.testing;

import ddpm.data.fetch.DownloadProgress;
import ddpm.data.source.DataEnvironment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A machine without data sets and without a network. */
public final class Offline {
    private Offline() {}

    /** @param home the user's folder, below which the cache is looked for */
    public static DataEnvironment environment(Path home) {
        return new DataEnvironment(
                Map.of(),
                home,
                DataEnvironment.system().mnistFiles(),
                List.of(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                DownloadProgress.SILENT,
                1_000_000_000);
    }
}
