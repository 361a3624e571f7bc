package ddpm.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** The file operations of saving, one method each, so that a test can let any one of them fail. */
public interface FileSink {
    /** The real disk. */
    FileSink DISK = new DiskSink(true);

    /** Start of the names of what is being written or deleted. */
    String TEMPORARY = ".tmp-";

    /** What goes into a file. */
    interface Content {
        void writeTo(WritableByteChannel channel) throws IOException;

        static Content of(byte[] bytes) {
            return channel -> {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) channel.write(rest);
            };
        }
    }

    /** Creates a folder in one that exists: a run folder that was removed does not come back as a part of itself. */
    void createFolder(Path folder) throws IOException;

    /** Writes a file, replacing one that exists, and returns when the disk has its bytes. */
    void write(Path file, Content content) throws IOException;

    /** Returns when the disk has the names in {@code folder}. */
    void syncFolder(Path folder) throws IOException;

    /** Gives a file or folder another name in the same file system, all at once; replaces a file, not a folder. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file or an empty folder. */
    void delete(Path path) throws IOException;

    /** Writes a file beside {@code file} and puts it in its place all at once: readers see the old or the new one. */
    default void replace(Path file, Content content) throws IOException {
        Path temporary = file.resolveSibling(TEMPORARY + file.getFileName() + "-" + pid());
        try {
            write(temporary, content);
            rename(temporary, file);
        } catch (IOException e) {
            try {
                delete(temporary);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
        syncFolder(file.toAbsolutePath().getParent());
    }

    /** This process, for names that two processes must not share. */
    static long pid() {
        return ProcessHandle.current().pid();
    }
}
