package ddpm.picture;

import static ddpm.data.DataFiles.assertSays;
import static ddpm.data.DataFiles.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.data.files.ImageDecoder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageGridTest {
    @TempDir
    Path folder;

    private static int[] row(BufferedImage sheet, int y) {
        return sheet.getRaster().getPixels(0, y, sheet.getWidth(), 1, (int[]) null);
    }

    @Test
    void greyTilesInRowsWithZoom() {
        byte[][] images = {{1, 2}, {3, 4}, {(byte) 250, 6}}; // 1x2 each
        BufferedImage sheet = ImageGrid.grid(images, 1, 2, 1, 2, 1, 2);
        assertEquals("11x7", sheet.getWidth() + "x" + sheet.getHeight());
        int g = 96;
        assertArrayEquals(new int[] {g, g, g, g, g, g, g, g, g, g, g}, row(sheet, 0));
        assertArrayEquals(new int[] {g, 1, 1, 2, 2, g, 3, 3, 4, 4, g}, row(sheet, 1));
        assertArrayEquals(row(sheet, 1), row(sheet, 2));
        assertArrayEquals(new int[] {g, 250, 250, 6, 6, g, g, g, g, g, g}, row(sheet, 4));
    }

    @Test
    void colourTilesWithoutPad() {
        byte[][] images = {{1, 2, 3, 4, 5, 6}, {7, 8, 9, (byte) 200, 11, 12}}; // 2x1x3 each
        BufferedImage sheet = ImageGrid.grid(images, 2, 1, 3, 8, 0, 1);
        assertEquals("2x2", sheet.getWidth() + "x" + sheet.getHeight());
        assertArrayEquals(new int[] {1, 2, 3, 7, 8, 9}, row(sheet, 0));
        assertArrayEquals(new int[] {4, 5, 6, 200, 11, 12}, row(sheet, 1));
    }

    @Test
    void refusesNonsense() {
        assertThrows(IllegalArgumentException.class, () -> ImageGrid.grid(new byte[0][], 1, 1, 1, 1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> ImageGrid.grid(new byte[1][4], 1, 1, 4, 1, 0, 1));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> ImageGrid.grid(new byte[1][3], 2, 2, 1, 1, 0, 1));
        assertEquals("grid: image 0 holds 3 bytes, 2x2x1 needs 4", e.getMessage());
    }

    @Test
    void pngComesBackExactlyAndAlone() throws IOException {
        byte[] values = new byte[256];
        for (int i = 0; i < 256; i++) {
            values[i] = (byte) i;
        }
        Path file = folder.resolve("new/grid.png");
        write(file, "an older file".getBytes(StandardCharsets.UTF_8));
        ImageGrid.write(file, ImageGrid.grid(new byte[][] {values}, 16, 16, 1, 1, 0, 1));
        assertArrayEquals(
                values, ImageDecoder.decode(Files.readAllBytes(file)).pixels().data());
        try (Stream<Path> list = Files.list(file.getParent())) {
            assertEquals(1, list.count(), "no temporary file stays");
        }
    }

    @Test
    void aPlaceThatCannotBeWritten() throws IOException {
        Path file = write(folder.resolve("file"), new byte[0]).resolve("grid.png");
        BufferedImage sheet = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
        assertSays(() -> ImageGrid.write(file, sheet), file + ": cannot be written", "rights");
        Path directory =
                Files.createDirectories(folder.resolve("taken.png/inside")).getParent();
        assertSays(() -> ImageGrid.write(directory, sheet), directory + ": cannot be written");
        try (Stream<Path> list = Files.list(folder)) {
            assertTrue(list.noneMatch(f -> f.toString().endsWith(".tmp")), "no temporary file stays");
        }
    }
}
