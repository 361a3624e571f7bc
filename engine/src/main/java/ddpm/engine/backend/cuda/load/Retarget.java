package ddpm.engine.backend.cuda.load;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Makes a native library ask for another version of a library that it needs. JCuda's natives name
 * {@code libcublas.so.12}, as the file and as the version of every symbol. CUDA 13 has the same functions in
 * {@code libcublas.so.13}: a name of the same length, so that it can be replaced where it stands, together with its hash,
 * by which the loader compares versions.
 */
final class Retarget {
    private Retarget() {}

    /** @throws IllegalArgumentException when the library does not need {@code from} */
    static byte[] rename(byte[] library, String from, String to) {
        byte[] out = library.clone();
        int names = replace(out, terminated(from), terminated(to));
        int hashes = replace(out, littleEndian(hash(from)), littleEndian(hash(to)));
        if (names == 0 || hashes == 0) {
            throw new IllegalArgumentException("the library does not need " + from);
        }
        return out;
    }

    /** The hash of a symbol version in an ELF file; System V ABI, "Hash Table". */
    static int hash(String name) {
        int h = 0;
        for (byte c : name.getBytes(StandardCharsets.US_ASCII)) {
            h = (h << 4) + c;
            int high = h & 0xF0000000;
            h ^= high >>> 24;
            h &= ~high;
        }
        return h;
    }

    private static byte[] terminated(String name) {
        return (name + '\0').getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] littleEndian(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static int replace(byte[] in, byte[] from, byte[] to) {
        int count = 0;
        for (int i = 0; i + from.length <= in.length; i++) {
            int same = 0;
            while (same < from.length && in[i + same] == from[same]) {
                same++;
            }
            if (same == from.length) {
                System.arraycopy(to, 0, in, i, to.length);
                count++;
            }
        }
        return count;
    }
}
