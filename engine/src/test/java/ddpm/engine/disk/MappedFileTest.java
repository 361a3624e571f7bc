package ddpm.engine.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedFileTest {
    @TempDir
    Path folder;

    private byte[] content(int bytes) {
        byte[] content = new byte[bytes];
        new Random(3).nextBytes(content);
        return content;
    }

    /** Segments of 16 bytes: reads within one, across one border and across several. */
    @Test
    void readsAcrossSegments() throws IOException {
        byte[] content = content(107);
        Path file = Files.write(folder.resolve("f"), content);
        for (int from : new int[] {0, 5}) {
            MappedFile mapped = MappedFile.open(file, from, 100, 4);
            assertEquals(100, mapped.bytes());
            for (int at = 0; at <= 100; at++) {
                for (int length : new int[] {0, 1, 7, 16, 17, 50, 100}) {
                    if (at + length <= 100) {
                        byte[] got = new byte[length + 3];
                        mapped.get(at, got, 2, length);
                        byte[] want = Arrays.copyOfRange(content, from + at, from + at + length);
                        assertArrayEquals(want, Arrays.copyOfRange(got, 2, 2 + length), at + " " + length);
                    }
                }
            }
        }
    }

    @Test
    void refusesWhatIsOutsideTheFile() throws IOException {
        Path file = Files.write(folder.resolve("f"), content(100));
        var cut = assertThrows(IOException.class, () -> MappedFile.open(file, 1, 100));
        assertTrue(cut.getMessage().contains("holds 100 bytes, fewer than 101"), cut.getMessage());
        MappedFile mapped = MappedFile.open(file, 10, 50);
        assertThrows(IndexOutOfBoundsException.class, () -> mapped.get(41, new byte[10], 10));
        assertThrows(IndexOutOfBoundsException.class, () -> mapped.get(-1, new byte[10], 1));
    }

    /** One mapping cannot hold 2 GiB; the file is a hole with three bytes. */
    @Test
    void holdsMoreThanTwoGiB() throws IOException {
        Path file = folder.resolve("large");
        long[] places = {0, (1L << 31) + 5, (3L << 30) - 1};
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            for (long at : places) {
                large.seek(at);
                large.write(7);
            }
        }
        MappedFile mapped = MappedFile.open(file, 0, 3L << 30);
        byte[] got = new byte[3];
        for (long at : places) {
            mapped.get(Math.max(0, at - 2), got, 3);
            assertArrayEquals(at == 0 ? new byte[] {7, 0, 0} : new byte[] {0, 0, 7}, got, "at " + at);
        }
    }

    @Test
    void goesOnWhereTheFileIsDeleted() throws IOException {
        byte[] content = content(5000);
        Path file = Files.write(folder.resolve("f"), content);
        MappedFile mapped = MappedFile.open(file, 0, 5000);
        Files.delete(file);
        byte[] got = new byte[5000];
        mapped.get(0, got, 5000);
        assertArrayEquals(content, got);
    }
}
