package ddpm.disk;

import ddpm.DataException;
import ddpm.engine.disk.IoReason;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Writes a file so that its name never shows a half of it: a temporary file beside it, then a rename. */
public final class AtomicFile {
    /** What goes into the file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private static final int MOST_LINKS = 40; // as Linux
    private static final AtomicLong NUMBER = new AtomicLong();

    private AtomicFile() {}

    /**
     * Writes {@code content} to {@code file}, creating its folder. Of a link it is the target that is written; a pipe or
     * a device is written to, not replaced.
     *
     * @throws DataException naming the file, where it cannot be written or is read-only
     */
    public static void write(Path file, Content content) {
        try {
            Path target = target(file);
            if (isReadOnly(target)) {
                throw new DataException(file + ": is read-only; make it writable or name another");
            }
            Files.createDirectories(target.getParent());
            if (Files.exists(target) && !Files.isRegularFile(target)) {
                to(target, content);
            } else {
                replace(target, content);
            }
        } catch (IOException e) {
            throw new DataException(
                    file + ": cannot be written (" + IoReason.of(e) + "); check the folder's rights and free space", e);
        }
    }

    private static void replace(Path target, Content content) throws IOException {
        // beside the target: a rename is one step only within a file system. Not createTempFile: its rights are 0600
        // and not the file's own name with more letters: that may be too long, or one that no text stands for
        Path temporary = target.resolveSibling(
                ".ddpm-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet() + ".tmp");
        try {
            to(temporary, content);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            delete(temporary);
            throw e;
        }
    }

    private static void to(Path file, Content content) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            content.writeTo(out);
        }
    }

    /**
     * The file that is written where {@code file} is named: where a link leads, be there something or not.
     *
     * @throws FileSystemLoopException for links that lead in a circle
     */
    public static Path target(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(target); links++) {
            if (links == MOST_LINKS) {
                throw new FileSystemLoopException(file.toString());
            }
            target = target.resolveSibling(Files.readSymbolicLink(target));
        }
        return target;
    }

    /** Whether nobody may write to a file that exists. Who may write everywhere would replace it none the less. */
    public static boolean isReadOnly(Path file) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        PosixFileAttributeView rights = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        return !Files.isWritable(file)
                || rights != null
                        && Collections.disjoint(
                                rights.readAttributes().permissions(),
                                List.of(
                                        PosixFilePermission.OWNER_WRITE,
                                        PosixFilePermission.GROUP_WRITE,
                                        PosixFilePermission.OTHERS_WRITE));
    }

    private static void delete(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // the first failure is the one to report
        }
    }
}
