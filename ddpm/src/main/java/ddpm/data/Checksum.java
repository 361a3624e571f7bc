package ddpm.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.ZipException;

/** Compares a file, plain or packed, with what it must hold once unpacked. */
final class Checksum {
    private Checksum() {}

    /** What is wrong with {@code file}; empty where its unpacked content is that of {@code expected}. */
    static Optional<String> problem(Path file, RemoteFile expected) throws IOException {
        String name = file.getFileName().toString();
        if ((name.endsWith(".gz") || name.endsWith(".gz.part")) && !IdxFile.isGzip(file)) {
            return Optional.of("it is not a gzip file (" + ByteCount.text(Files.size(file)) + ")");
        }
        MessageDigest sha = sha256();
        long bytes = 0;
        byte[] block = new byte[1 << 16];
        try (InputStream in = IdxFile.open(file)) {
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                sha.update(block, 0, n);
                bytes += n;
                if (bytes > expected.unpackedBytes()) {
                    return Optional.of("it holds more than the " + expected.unpackedBytes() + " bytes expected");
                }
            }
        } catch (EOFException e) {
            return Optional.of("it is cut short");
        } catch (ZipException e) {
            return Optional.of("its gzip data is broken (" + e.getMessage() + ")");
        }
        String found = HexFormat.of().formatHex(sha.digest());
        if (!found.equals(expected.sha256())) {
            return Optional.of("sha256 of the unpacked file is " + found.substring(0, 12) + "..., expected "
                    + expected.sha256().substring(0, 12) + "...");
        }
        return Optional.empty();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
