package ddpm.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Temporary folders in memory, where the machine has a place for them: thousands of saves take seconds there and a
 * minute on a disk that others use. What is tested, the order of the operations, is the same.
 */
public final class MemoryFolder implements TempDirFactory {
    private static final Path LINUX_MEMORY = Path.of("/dev/shm");

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
        boolean there = Files.isDirectory(LINUX_MEMORY) && Files.isWritable(LINUX_MEMORY);
        return there ? Files.createTempDirectory(LINUX_MEMORY, "ddpm") : Files.createTempDirectory("ddpm");
    }
}
