package ddpm.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Processes that take their samples in turns, so that a host whose cores change their speed is as fast for one as for the
 * other: while a file exists it is this process's turn, and it deletes the file to hand the turn back. {@code
 * bench/compare.sh --in-turns} makes the files.
 */
final class Turn {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Path file;

    /** @param file null: it is always this process's turn */
    Turn(Path file) {
        this.file = file;
    }

    /** Returns once it is this process's turn, at once where it already is. */
    void await() {
        while (file != null && !Files.exists(file)) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    void handBack() {
        try {
            if (file != null) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
