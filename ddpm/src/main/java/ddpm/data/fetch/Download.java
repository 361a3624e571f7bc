package ddpm.data.fetch;

import ddpm.disk.ByteCount;
import ddpm.engine.disk.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Fetches one file from the first mirror that serves it whole.
 *
 * <p>Bytes go to {@code NAME.part}, which a later attempt or another mirror continues with an HTTP Range. Only a file
 * whose unpacked content has the expected sha256 is renamed to its name, in one step; a wrong one is deleted.
 */
public final class Download {
    private final RemoteFile file;
    private final Path target;
    private final Path part;
    private final Mirrors mirrors;

    public Download(RemoteFile file, Path folder, Mirrors mirrors) {
        this.file = file;
        this.target = folder.resolve(file.name());
        this.part = folder.resolve(file.name() + ".part");
        this.mirrors = mirrors;
    }

    /**
     * Makes sure that the file is in its folder; does nothing where it is, and is whole.
     *
     * @param remedy what the message of a failure advises
     * @throws DownloadException no mirror gave the file, or it could not be written
     */
    public void run(String remedy) {
        List<String> failures = new ArrayList<>();
        try {
            if (Files.isRegularFile(target) && file.problem(target).isEmpty()) {
                return;
            }
            for (URI mirror : mirrors.folders()) {
                Optional<String> failure = from(mirror);
                if (failure.isEmpty()) {
                    return;
                }
                failures.add(mirror.getHost() + ": " + failure.get());
            }
        } catch (IOException e) {
            failures.add("cannot write " + target + ": " + IoReason.of(e));
        }
        String reason = String.join("; ", failures);
        throw new DownloadException("cannot download " + file.name() + " (" + reason + "); " + remedy, reason);
    }

    /** Tries one mirror, a second time from the start where the continued file turns out wrong. */
    private Optional<String> from(URI mirror) throws IOException {
        Optional<String> problem = Optional.empty();
        for (boolean resumed = true; resumed; ) {
            resumed = Files.exists(part) && Files.size(part) > 0;
            try (FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                FileLock lock = lock(out);
                if (lock == null) {
                    return Optional.of("another process is downloading " + part);
                }
                Optional<String> broken = transfer(mirror.resolve(file.name()), out);
                if (broken.isPresent()) {
                    if (out.size() == 0) {
                        Files.deleteIfExists(part);
                    }
                    return broken; // what has arrived stays for the next attempt
                }
                out.force(true);
            }
            problem = file.problem(part);
            if (problem.isEmpty()) {
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return problem;
            }
            Files.delete(part);
        }
        return problem;
    }

    private static FileLock lock(FileChannel out) throws IOException {
        try {
            return out.tryLock();
        } catch (OverlappingFileLockException e) { // held by another thread of this process
            return null;
        }
    }

    /** Appends the rest of {@code url} to {@code out}; gives the reason where the network or the mirror fails. */
    private Optional<String> transfer(URI url, FileChannel out) throws IOException {
        InputStream in;
        HttpURLConnection connection = null;
        long total;
        try {
            connection = open(url, out.size());
            int status = connection.getResponseCode();
            if (status == 416) { // nothing follows what we have: it is whole, or of another file; the checksum tells
                return Optional.empty();
            }
            if (status != 200 && status != 206) {
                return Optional.of("HTTP status " + status + " for " + url);
            }
            boolean continues = status == 206 && startsAt(connection.getHeaderField("Content-Range"), out.size());
            if (status == 206 && !continues) {
                return Optional.of("answered with another part of the file than was asked for");
            }
            if (!continues) {
                out.truncate(0); // the mirror sends the whole file
            }
            long rest = connection.getContentLengthLong();
            total = rest < 0 ? -1 : out.size() + rest;
            in = connection.getInputStream();
        } catch (IOException e) {
            if (connection != null) {
                connection.disconnect();
            }
            return Optional.of(IoReason.of(e));
        }
        mirrors.progress().start(file.name(), url.getHost(), out.size(), total);
        try (in) {
            return copy(in, out, total);
        } finally {
            mirrors.progress().end();
        }
    }

    private HttpURLConnection open(URI url, long from) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
        connection.setConnectTimeout((int) mirrors.connectTimeout().toMillis());
        connection.setReadTimeout((int) mirrors.readTimeout().toMillis());
        connection.setRequestProperty("User-Agent", "ddpm");
        connection.setRequestProperty("Accept-Encoding", "identity"); // the .gz itself, not unpacked on the way
        if (from > 0) {
            connection.setRequestProperty("Range", "bytes=" + from + "-");
        }
        return connection;
    }

    private static boolean startsAt(String contentRange, long from) {
        return contentRange != null && contentRange.startsWith("bytes " + from + "-");
    }

    private Optional<String> copy(InputStream in, FileChannel out, long total) throws IOException {
        byte[] block = new byte[1 << 16];
        out.position(out.size());
        while (true) {
            int n;
            try {
                n = in.read(block);
            } catch (IOException e) { // the network, not the disk: the next mirror may do better
                return Optional.of("broke off after " + ByteCount.text(out.size()) + " (" + IoReason.of(e) + ")");
            }
            if (n < 0) {
                break;
            }
            for (ByteBuffer left = ByteBuffer.wrap(block, 0, n); left.hasRemaining(); ) {
                out.write(left);
            }
            if (out.size() > file.unpackedBytes() + (1 << 16)) {
                out.truncate(0);
                return Optional.of("sends more than the file can hold");
            }
            mirrors.progress().at(out.size());
        }
        return total >= 0 && out.size() < total
                ? Optional.of("broke off after " + ByteCount.text(out.size()))
                : Optional.empty();
    }
}
