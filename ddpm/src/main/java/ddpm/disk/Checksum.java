package ddpm.disk;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The checksum that says what a file holds. */
public final class Checksum {
    private Checksum() {}

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
