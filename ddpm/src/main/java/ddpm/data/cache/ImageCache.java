package ddpm.data.cache;

import ddpm.DataException;
import ddpm.Invocation;
import ddpm.data.Classes;
import ddpm.data.ImageSet;
import ddpm.data.PixelSource;
import ddpm.disk.ByteCount;
import ddpm.engine.disk.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decoded images that are too many for memory, in the user's cache folder: one {@link CacheFile} for each source, named by
 * its key. Two processes may make the same one; the last to be done gives it its name, and the other reads what it wrote.
 */
public final class ImageCache {
    /** Sets of more bytes are not kept in memory: a tensor of the CPU cannot be larger, its sizes being rounded up. */
    public static final long MOST_IN_MEMORY = 15L << 27;

    private static final String ENDING = ".images";

    private final Path folder;

    /** @param folder need not exist */
    public ImageCache(Path folder) {
        this.folder = folder;
    }

    /** Where the files lie. */
    public Path folder() {
        return folder;
    }

    /** The images of {@code source}, from the cache where it has them. @throws DataException with the remedy */
    public ImageSet load(PixelSource source) {
        String key = source.key();
        Path file = folder.resolve(key + ENDING);
        List<String> notes = new ArrayList<>();
        Optional<CacheFile.Opened> opened = Optional.empty();
        if (Files.exists(file)) {
            try {
                opened = Optional.of(CacheFile.open(file, key));
            } catch (IOException e) {
                notes.add("cache: " + file + " cannot be used (" + IoReason.of(e) + "); written anew");
            }
        }
        CacheFile.Opened found = opened.orElseGet(() -> write(source, key, file));
        notes.add("cache: the decoded images lie in " + file + "; " + Invocation.command("data", "clean")
                + " removes it");
        return set(source, found, notes);
    }

    private static ImageSet set(PixelSource source, CacheFile.Opened found, List<String> more) {
        CacheFile.Details d = found.details();
        PixelSource.Kept kept = new PixelSource.Kept(d.files(), d.rejected(), d.own(), d.remarks());
        List<String> lines = new ArrayList<>(more);
        Classes classes = source.classes(kept, d.count(), lines);
        return new ImageSet(
                source.name(),
                d.height(),
                d.width(),
                d.channels(),
                found.pixels(),
                d.files(),
                d.rejected(),
                source.notes(kept).with(lines),
                classes);
    }

    private CacheFile.Opened write(PixelSource source, String key, Path file) {
        long[] bytes = {0};
        try {
            Files.createDirectories(folder);
            removeAbandoned();
            return written(source, key, file, temporary(folder, key), false, bytes);
        } catch (IOException e) {
            throw cannotKeep(source, bytes[0], e);
        } catch (UncheckedIOException e) {
            throw cannotKeep(source, bytes[0], e.getCause());
        }
    }

    /** Images of the same number, size and channels without pixels, to estimate with; leaves no file. */
    public static ImageSet blank(PixelSource source) {
        Path temporary = temporary(Path.of(System.getProperty("java.io.tmpdir")), "ddpm");
        Path file = temporary.resolveSibling(temporary.getFileName() + ENDING);
        try {
            CacheFile.Opened found = written(source, "", file, temporary, true, new long[1]);
            Files.delete(file);
            return set(source, found, List.of());
        } catch (IOException e) {
            throw cannotEstimate(file, e);
        } catch (UncheckedIOException e) {
            throw cannotEstimate(file, e.getCause());
        }
    }

    private static DataException cannotEstimate(Path file, IOException e) {
        return new DataException(
                file + ": cannot be written (" + IoReason.of(e) + "); free space there, or name another folder with "
                        + Invocation.withJava("-Djava.io.tmpdir=DIR"),
                e);
    }

    private static CacheFile.Opened written(
            PixelSource source, String key, Path file, Path temporary, boolean blank, long[] bytes) throws IOException {
        try (CacheWriter writer = new CacheWriter(source.name(), temporary, blank)) {
            PixelSource.Kept kept = source.forEach(image -> {
                writer.accept(image);
                bytes[0] = writer.bytes();
            });
            return writer.finish(key, kept, file);
        }
    }

    private DataException cannotKeep(PixelSource source, long bytes, IOException e) {
        return new DataException(
                source.name() + ": the decoded images do not fit the memory of Java and cannot be kept in " + folder
                        + " (" + IoReason.of(e) + " after " + ByteCount.text(bytes)
                        + "); free space there (" + Invocation.command("data", "clean")
                        + " removes older ones), name another folder with"
                        + " XDG_CACHE_HOME, or choose a smaller --size",
                e);
    }

    private static Path temporary(Path folder, String key) {
        return folder.resolve(
                "." + key + "." + ProcessHandle.current().pid() + "-" + System.nanoTime() + CacheWriter.TEMPORARY);
    }

    /** A file of the cache and its bytes on the disk. */
    public record Entry(Path file, long bytes) {}

    /**
     * What may be removed: whole files, and what processes left that ended while they wrote. A training that reads a file
     * goes on where the system deletes it only once nobody reads it any more.
     */
    public List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(ENDING) || name.endsWith(CacheWriter.TEMPORARY) && isAbandoned(file)) {
                    entries.add(new Entry(file, Files.size(file)));
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        entries.sort((a, b) -> a.file().compareTo(b.file()));
        return entries;
    }

    private void removeAbandoned() throws IOException {
        for (Entry entry : entries()) {
            if (entry.file().toString().endsWith(CacheWriter.TEMPORARY)) {
                Files.deleteIfExists(entry.file());
            }
        }
    }

    /** Whoever writes a file holds its lock. */
    private static boolean isAbandoned(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // a thread of this process
        }
    }
}
