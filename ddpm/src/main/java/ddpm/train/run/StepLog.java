package ddpm.train.run;

import ddpm.disk.FileSink;
import ddpm.engine.disk.IoReason;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Appends to a file of a run, one JSON object of a step a line, each with one write. After a kill at any moment, opening it
 * at the step of the checkpoint gives one series again: what came later, and a torn last line, is dropped.
 *
 * @param <T> what a line says
 */
class StepLog<T> implements Closeable {
    private final Path file;
    private final Format<T> format;
    private final List<T> kept;
    private SeekableByteChannel channel;

    /**
     * How a line is written and read.
     *
     * @param read throws IllegalArgumentException, saying what is wrong, where a text is no such line
     */
    record Format<T>(ToLongFunction<T> step, Function<T, String> write, Function<String, T> read) {}

    StepLog(Path file, Format<T> format, SeekableByteChannel channel, List<T> kept) {
        this.file = file;
        this.format = format;
        this.channel = channel;
        this.kept = kept;
    }

    /** The file's lines up to a step, the others gone from it, and a channel that goes on after them. */
    record Opened<T>(SeekableByteChannel channel, List<T> kept) {}

    /**
     * Opens a log to go on after {@code step}, and creates it where it is missing. Lines of greater steps are dropped.
     *
     * @throws RunFolderException when the file cannot be read or written, or a line other than the last is damaged
     */
    static <T> Opened<T> open(Path file, Format<T> format, long step, FileSink sink) throws IOException {
        try {
            List<Line<T>> kept = new ArrayList<>();
            if (Files.exists(file) && Files.size(file) > 0) {
                byte[] before = Files.readAllBytes(file);
                kept.addAll(lines(file, format, before));
                kept.removeIf(line -> format.step.applyAsLong(line.value) > step);
                byte[] after = kept.stream()
                        .map(line -> line.text + "\n")
                        .collect(Collectors.joining())
                        .getBytes(StandardCharsets.UTF_8);
                if (!Arrays.equals(before, after)) {
                    sink.replace(file, FileSink.Content.of(after));
                }
            }
            return new Opened<>(toAppend(file), kept.stream().map(Line::value).toList());
        } catch (RunFolderException e) {
            throw e;
        } catch (IOException e) {
            throw new RunFolderException(file + " cannot be opened: " + IoReason.of(e) + "; check the run folder", e);
        }
    }

    private static FileChannel toAppend(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        channel.position(channel.size());
        return channel;
    }

    /** All lines up to now as they are in the file, also where its name was removed since: it is still open. */
    byte[] written() throws IOException {
        long end = channel.position();
        ByteBuffer text = ByteBuffer.allocate(Math.toIntExact(end));
        channel.position(0);
        while (text.hasRemaining() && channel.read(text) >= 0) {
            continue; // a file on a network may come in parts
        }
        channel.position(end);
        return Arrays.copyOf(text.array(), text.position());
    }

    /**
     * Writes the file again where it was removed while it was open.
     *
     * @return whether it was
     */
    boolean restore() throws IOException {
        if (Files.exists(file)) {
            return false;
        }
        byte[] text = written();
        FileSink.DISK.replace(file, FileSink.Content.of(text));
        channel.close();
        channel = toAppend(file);
        return true;
    }

    /** What the file held when it was opened, up to the step it was opened at. */
    public List<T> kept() {
        return kept;
    }

    /**
     * Appends a line; it is the system's when this returns, so it survives a kill, though not a power cut.
     *
     * @throws RunFolderException when it cannot be written; the lines before it stay whole
     */
    public void append(T value) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((format.write.apply(value) + "\n").getBytes(StandardCharsets.UTF_8));
        long begin = channel.position();
        try {
            while (line.hasRemaining()) channel.write(line);
        } catch (IOException e) {
            try {
                channel.truncate(begin); // half a line, or the next one would follow it
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw new RunFolderException(file + " cannot be written: " + IoReason.of(e) + "; free space", e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /**
     * The lines of a log, also of one that a training is writing to: a torn last line is left out.
     *
     * @throws RunFolderException when the file cannot be read or a line other than the last is damaged
     */
    static <T> List<T> read(Path file, Format<T> format) throws IOException {
        try {
            return lines(file, format, Files.readAllBytes(file)).stream()
                    .map(Line::value)
                    .toList();
        } catch (RunFolderException e) {
            throw e;
        } catch (IOException e) {
            throw new RunFolderException(file + " cannot be read: " + IoReason.of(e) + "; check the run folder", e);
        }
    }

    /** The text is kept as it is: writing it anew would drop keys that this version does not know. */
    private record Line<T>(String text, T value) {}

    private static <T> List<Line<T>> lines(Path file, Format<T> format, byte[] bytes) throws IOException {
        String[] texts = new String(bytes, StandardCharsets.UTF_8).split("\n");
        List<Line<T>> lines = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            if (texts[i].isBlank()) continue;
            try {
                lines.add(new Line<>(texts[i], format.read.apply(texts[i])));
            } catch (IllegalArgumentException e) {
                if (i == texts.length - 1) break; // torn
                throw new RunFolderException(
                        file + " line " + (i + 1) + " is damaged: " + e.getMessage() + "; remove the line", e);
            }
        }
        return lines;
    }
}
