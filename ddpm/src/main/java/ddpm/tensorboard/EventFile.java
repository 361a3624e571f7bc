package ddpm.tensorboard;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * A file of events that TensorBoard reads while it grows, each a record:
 *
 * <pre>
 * length    8 bytes, little-endian, as is all      of data
 * checksum  4 bytes                                of length
 * data      length bytes                           see {@link Event}
 * checksum  4 bytes                                of data
 *
 * checksum = rotate right by 15 bits(CRC-32C) + 0xa282ead8
 * </pre>
 *
 * <p>A folder may have several: they are read in the order of their names, which begin with their time.
 */
public final class EventFile implements Closeable {
    /** TensorBoard looks for the word amid the name; the number is seconds since 1970. */
    private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{10})\\..*");

    private static final int MASK = 0xa282ead8;

    private final Path path;
    private final FileChannel channel;

    private EventFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** The event files in a folder, in the order in which they are read. */
    public static List<Path> in(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (NAME.matcher(name(entry)).matches()) {
                    found.add(entry);
                }
            }
        }
        found.sort((a, b) -> name(a).compareTo(name(b)));
        return found;
    }

    /**
     * A new file, which is read after those that the folder has: its name is a second later than theirs, whatever the clock
     * says.
     *
     * @param seconds since 1970
     */
    public static EventFile create(Path folder, double seconds) throws IOException {
        long at = (long) seconds;
        for (Path before : in(folder)) {
            Matcher m = NAME.matcher(name(before));
            at = m.matches() ? Math.max(at, Long.parseLong(m.group(1)) + 1) : at;
        }
        Path path = folder.resolve(String.format(Locale.ROOT, "events.out.tfevents.%010d.ddpm", at));
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        EventFile file = new EventFile(path, channel);
        try {
            file.append(Event.version(seconds));
            return file;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    public Path path() {
        return path;
    }

    /** Appends an event; it is the system's when this returns. A failure leaves the records before it whole. */
    public void append(Event event) throws IOException {
        byte[] data = event.toBytes();
        ByteBuffer record = ByteBuffer.allocate(8 + 4 + data.length + 4).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(checksum(record.array(), 0, 8));
        record.put(data);
        record.putInt(checksum(data, 0, data.length));
        record.flip();
        long begin = channel.position();
        try {
            while (record.hasRemaining()) {
                channel.write(record);
            }
        } catch (IOException e) {
            try {
                channel.truncate(begin); // half a record would end the reading of the file
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    private static int checksum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
