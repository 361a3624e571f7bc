package ddpm.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnLabelsTest {
    private static final int PAD = 2;

    /** Tiles of 12 pixels: a label of two signs in the small size. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void labelsAreReadable(int channels) {
        BufferedImage sheet = sheet(2, 12, channels);

        BufferedImage labelled = ColumnLabels.above(sheet, 2, List.of("t9", "x0"), PAD);

        assertEquals(sheet.getType(), labelled.getType());
        for (int c = 0; c < channels; c++) {
            assertEquals(
                    List.of(
                            "..............................",
                            "..............................",
                            "...#..###...........###.......",
                            "..###.#.#...........#.#.......",
                            "...#..###.......#.#.#.#.......",
                            "...#....#........#..#.#.......",
                            "...##.###.......#.#.###......."),
                    picture(labelled, 7, c));
        }
    }

    @Test
    void theSheetIsBelow() {
        BufferedImage sheet = sheet(3, 56, 1);
        BufferedImage labelled = ColumnLabels.above(sheet, 3, List.of("t=999"), PAD);
        int strip = labelled.getHeight() - sheet.getHeight();
        assertEquals(5 * 2 + PAD, strip, "wide columns have large labels");
        for (int y = 0; y < sheet.getHeight(); y++) {
            for (int x = 0; x < sheet.getWidth(); x++) {
                assertEquals(
                        sheet.getRaster().getSample(x, y, 0),
                        labelled.getRaster().getSample(x, y + strip, 0));
            }
        }
    }

    /** Columns of 10 pixels, labels of 20: the second and the fourth would be written over the first and the third. */
    @Test
    void narrowColumnsLeaveLabelsOut() {
        List<String> all = List.of("t=999", "t=800", "t=500", "t=200");
        BufferedImage labelled = ColumnLabels.above(sheet(4, 8, 1), 4, all, PAD);
        BufferedImage second = ColumnLabels.above(sheet(4, 8, 1), 4, List.of("t=999", "x", "t=500"), PAD);
        assertEquals(picture(second, 7, 0), picture(labelled, 7, 0));
    }

    /** The whole alphabet, each sign unlike the others, and what is not in it is refused. */
    @Test
    void signs() {
        List<List<String>> seen = "0123456789tx="
                .chars()
                .mapToObj(c -> picture(ColumnLabels.above(sheet(1, 8, 1), 1, List.of("" + (char) c), PAD), 12, 0))
                .toList();
        assertEquals(13, seen.stream().distinct().count());
        assertThrows(IllegalArgumentException.class, () -> ColumnLabels.above(sheet(1, 8, 1), 1, List.of("y"), PAD));
        assertThrows(
                IllegalArgumentException.class, () -> ColumnLabels.above(sheet(1, 8, 1), 1, List.of("0", "1"), PAD));
    }

    private static BufferedImage sheet(int columns, int side, int channels) {
        byte[][] images = new byte[columns][side * side * channels];
        for (int i = 0; i < columns; i++) {
            Arrays.fill(images[i], (byte) (20 * i));
        }
        return ImageGrid.grid(images, side, side, channels, columns, PAD, 1);
    }

    /** The first rows of a channel, '#' where it is bright. */
    private static List<String> picture(BufferedImage image, int rows, int channel) {
        return IntStream.range(0, rows)
                .mapToObj(y -> {
                    StringBuilder row = new StringBuilder();
                    for (int x = 0; x < image.getWidth(); x++) {
                        row.append(image.getRaster().getSample(x, y, channel) > 200 ? '#' : '.');
                    }
                    return row.toString();
                })
                .toList();
    }
}
