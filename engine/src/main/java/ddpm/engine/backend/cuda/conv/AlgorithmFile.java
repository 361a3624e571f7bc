package ddpm.engine.backend.cuda.conv;

import ddpm.engine.disk.PathText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * Convolution algorithms that searches found, kept between runs: a resumed run must compute with the same ones to give the
 * same bits, and a search need not be repeated.
 *
 * <p>One line for each: key, operands, number, math type, checksum, with tabs between. Of two processes that searched the
 * same, the first to write decides for both. A damaged line counts as missing, so its search is repeated; a file that
 * cannot be written costs a line on stderr.
 */
public final class AlgorithmFile {
    private static final Object ONE_AT_A_TIME = new Object(); // a lock on a file holds between processes only
    private static final int FIELDS = 5;

    private final Path file;
    private final Consumer<String> say;
    private Map<String, ConvAlgorithm> known;
    private boolean complained;

    /** @param say takes the lines about a file that is damaged or cannot be used */
    public AlgorithmFile(Path file, Consumer<String> say) {
        this.file = file;
        this.say = say;
    }

    /** In the user's cache folder, or in the one that {@code -Dddpm.cache} names. */
    public static AlgorithmFile ofUser(Map<String, String> env) {
        String cache = System.getProperty("ddpm.cache");
        Path folder = cache != null
                ? Path.of(cache)
                : PathText.variable(env.get("XDG_CACHE_HOME"))
                        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
                        .resolve("ddpm");
        return new AlgorithmFile(folder.resolve("convolutions.tsv"), System.err::println);
    }

    /** What an earlier search found. @param key without tabs and line ends */
    Optional<ConvAlgorithm> get(String key) {
        if (known == null) {
            known = read();
        }
        return Optional.ofNullable(known.get(key));
    }

    private Map<String, ConvAlgorithm> read() {
        if (!Files.exists(file)) {
            return new LinkedHashMap<>();
        }
        try {
            return parse(Files.readAllBytes(file));
        } catch (IOException e) {
            complain("cannot be read: " + e);
            return new LinkedHashMap<>();
        }
    }

    /**
     * Keeps what a search found.
     *
     * @param stale what the file said before and turned out to be of no use; null where it said nothing
     * @return what counts: another process may have been faster
     */
    ConvAlgorithm put(String key, ConvAlgorithm stale, ConvAlgorithm found) {
        synchronized (ONE_AT_A_TIME) {
            try {
                Files.createDirectories(file.getParent());
                known = merged(key, stale, found);
            } catch (IOException e) {
                complain("cannot be written (" + e + "); a resumed run may find other algorithms and differ in the last"
                        + " bits. XDG_CACHE_HOME names another folder");
                get(key); // reads what there is
                add(known, key, stale, found);
            }
        }
        return known.get(key);
    }

    /** False where the map has an algorithm already that is of use. */
    private static boolean add(Map<String, ConvAlgorithm> all, String key, ConvAlgorithm stale, ConvAlgorithm found) {
        ConvAlgorithm old = all.get(key);
        if (old != null && !old.equals(stale)) {
            return false;
        }
        all.put(key, found);
        return true;
    }

    /** What is in the file after the algorithm was added to it, unless it had one for the key. */
    private Map<String, ConvAlgorithm> merged(String key, ConvAlgorithm stale, ConvAlgorithm found) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.lock(); // until it is closed
            byte[] old = new byte[Math.toIntExact(channel.size())];
            ByteBuffer into = ByteBuffer.wrap(old);
            while (into.hasRemaining() && channel.read(into, into.position()) >= 0) {
                continue;
            }
            Map<String, ConvAlgorithm> all = parse(old);
            if (add(all, key, stale, found)) {
                StringBuilder lines = new StringBuilder();
                all.forEach((k, a) -> lines.append(line(k, a)));
                ByteBuffer from = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
                channel.truncate(0);
                channel.position(0);
                while (from.hasRemaining()) {
                    channel.write(from);
                }
            }
            return all;
        }
    }

    private static String line(String key, ConvAlgorithm a) {
        String fields = key + '\t' + a.operands() + '\t' + a.number() + '\t' + a.mathType();
        return fields + '\t' + checksum(fields) + '\n';
    }

    private static String checksum(String fields) {
        CRC32 crc = new CRC32();
        crc.update(fields.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }

    private Map<String, ConvAlgorithm> parse(byte[] bytes) {
        Map<String, ConvAlgorithm> all = new LinkedHashMap<>();
        int damaged = 0;
        for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n")) {
            String[] fields = line.split("\t", -1);
            int end = line.lastIndexOf('\t');
            if (fields.length != FIELDS || !fields[FIELDS - 1].equals(checksum(line.substring(0, end)))) {
                damaged += line.isEmpty() ? 0 : 1;
                continue;
            }
            all.put(
                    fields[0],
                    new ConvAlgorithm(
                            ConvOperands.valueOf(fields[1]), Integer.parseInt(fields[2]), Integer.parseInt(fields[3])));
        }
        if (damaged > 0) {
            complain(
                    "has " + damaged + " damaged lines; their algorithms are searched anew, a resumed run may differ in"
                            + " the last bits");
        }
        return all;
    }

    private void complain(String what) {
        if (!complained) {
            complained = true;
            say.accept("cuda: the file of convolution algorithms " + file + " " + what);
        }
    }
}
