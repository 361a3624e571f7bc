package ddpm.disk;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * {@link FileSink} on the real file system.
 *
 * @param sync whether to wait for the disk; only a test that does not cut the power says no
 */
record DiskSink(boolean sync) implements FileSink {
    private static final boolean WINDOWS = File.separatorChar == '\\';

    @Override
    public void createFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) Files.createDirectory(folder);
    }

    @Override
    public void write(Path file, Content content) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            content.writeTo(channel);
            if (sync) channel.force(true);
        }
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        if (!sync || WINDOWS) return; // folders cannot be opened there; NTFS journals the rename
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.delete(path);
    }
}
