package ddpm.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Text below a sheet: readable, within its width, and the sheet as it was. */
class CaptionTest {
    private static BufferedImage sheet(int width, int channels) {
        byte[] image = new byte[4 * width * channels];
        for (int k = 0; k < image.length; k++) {
            image[k] = (byte) k;
        }
        return ImageGrid.grid(new byte[][] {image}, 4, width, channels, 1, 2, 1);
    }

    /** The rows below the sheet, one sign for each scale x scale pixels. */
    private static List<String> text(BufferedImage captioned, BufferedImage sheet, int scale, int band) {
        return IntStream.range(0, (captioned.getHeight() - sheet.getHeight()) / scale)
                .mapToObj(y -> {
                    StringBuilder row = new StringBuilder();
                    for (int x = 0; x < captioned.getWidth() / scale; x++) {
                        int v = captioned.getRaster().getSample(x * scale, sheet.getHeight() + y * scale, band);
                        row.append(v == ImageGrid.GROUND ? '.' : v == 240 ? '#' : '?');
                    }
                    return row.toString();
                })
                .toList();
    }

    @Test
    void smallSignsWhereLargeOnesDoNotFit() {
        for (int channels : new int[] {1, 3}) {
            BufferedImage sheet = sheet(12, channels);
            BufferedImage captioned = Caption.below(sheet, List.of("e7", "t9"), 2);
            assertEquals(sheet.getType(), captioned.getType());
            for (int band = 0; band < channels; band++) {
                // 16 pixels: three small signs to a line, and "e7   t9" are seven
                assertEquals(
                        List.of(
                                "................",
                                "..###.###.......",
                                "..#.....#.......",
                                "..##....#.......",
                                "..#.....#.......",
                                "..###...#.......",
                                "................",
                                "................",
                                "................",
                                "..###.###.......",
                                "...#..#.#.......",
                                "...#..###.......",
                                "...#....#.......",
                                "...#..###.......",
                                "................",
                                "................"),
                        text(captioned, sheet, 1, band));
            }
            int[] want = sheet.getRaster().getPixels(0, 0, 16, sheet.getHeight(), (int[]) null);
            int[] got = captioned.getRaster().getPixels(0, 0, 16, sheet.getHeight(), (int[]) null);
            assertArrayEquals(want, got);
        }
    }

    /** 62 pixels: seven large signs to a line, which "e   7" fits into and a third does not. */
    @Test
    void asManyPartsToALineAsFit() {
        BufferedImage sheet = sheet(58, 1);
        BufferedImage captioned = Caption.below(sheet, List.of("e", "7", "e"), 2);
        List<String> rows = text(captioned, sheet, 2, 0);
        assertEquals(2 * 7, rows.size());
        assertEquals(".###.............###...........", rows.get(1));
        assertEquals(".###...........................", rows.get(8));
    }

    /** What is too long even in small signs, and what has no sign, still leaves a picture. */
    @Test
    void whatDoesNotFitIsCutOff() {
        BufferedImage sheet = sheet(12, 1);
        BufferedImage captioned = Caption.below(sheet, List.of("guidance \u00e9"), 2);
        assertEquals(sheet.getWidth(), captioned.getWidth());
        assertEquals(sheet.getHeight() + 8, captioned.getHeight());
        assertThrows(IllegalArgumentException.class, () -> Caption.below(sheet, List.of(), 2));
    }
}
