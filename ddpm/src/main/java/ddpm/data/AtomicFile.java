package ddpm.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a file so that its name never shows a half of it: a temporary file beside it, then a rename. */
final class AtomicFile {
    interface Content {
        void writeTo(ByteArrayOutputStream out) throws IOException;
    }

    private AtomicFile() {}

    /** Writes {@code content} to {@code file}, creating its folder; throws {@link DataException} naming the file. */
    static void write(Path file, Content content) {
        Path absolute = file.toAbsolutePath();
        Path temporary = null;
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            content.writeTo(bytes);
            Files.createDirectories(absolute.getParent());
            // beside the target: a rename is one step only within a file system. Not createTempFile: its rights are
            // 0600
            temporary = absolute.resolveSibling(
                    "." + absolute.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
            Files.write(temporary, bytes.toByteArray());
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            delete(temporary);
            throw new DataException(
                    file + ": cannot be written (" + IoReason.of(e) + "); check the folder's rights and free space", e);
        }
    }

    private static void delete(Path temporary) {
        try {
            if (temporary != null) {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            // the first failure is the one to report
        }
    }
}
