package ddpm.data.fetch;

import ddpm.disk.ByteCount;
import ddpm.disk.Checksum;
import ddpm.disk.Packed;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * A gzip file that a mirror serves, and what it must hold.
 *
 * @param name          file name, with .gz
 * @param unpackedBytes of the content
 * @param sha256        of the content, hex: packing differs between mirrors, the content must not
 */
public record RemoteFile(String name, long unpackedBytes, String sha256) {
    /** What is wrong with {@code file}; empty where its unpacked content is what it must be. */
    public Optional<String> problem(Path file) throws IOException {
        String called = file.getFileName().toString();
        if ((called.endsWith(".gz") || called.endsWith(".gz.part")) && !Packed.isGzip(file)) {
            return Optional.of("it is not a gzip file (" + ByteCount.text(Files.size(file)) + ")");
        }
        MessageDigest sha = Checksum.sha256();
        long bytes = 0;
        byte[] block = new byte[1 << 16];
        try (InputStream in = Packed.open(file)) {
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                sha.update(block, 0, n);
                bytes += n;
                if (bytes > unpackedBytes) {
                    return Optional.of("it holds more than the " + unpackedBytes + " bytes expected");
                }
            }
        } catch (EOFException e) {
            return Optional.of("it is cut short");
        } catch (ZipException e) {
            return Optional.of("its gzip data is broken (" + e.getMessage() + ")");
        }
        String found = HexFormat.of().formatHex(sha.digest());
        if (!found.equals(sha256)) {
            return Optional.of("sha256 of the unpacked file is " + found.substring(0, 12) + "..., expected "
                    + sha256.substring(0, 12) + "...");
        }
        return Optional.empty();
    }
}
