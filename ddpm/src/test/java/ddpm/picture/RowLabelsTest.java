package ddpm.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names beside the rows of a sheet: readable, at their row, and the sheet as it was. */
class RowLabelsTest {
    private static BufferedImage sheet(int rows, int channels) {
        byte[][] images = new byte[2 * rows][20 * 9 * channels];
        for (int i = 0; i < images.length; i++) {
            for (int k = 0; k < images[i].length; k++) {
                images[i][k] = (byte) (40 * i + k);
            }
        }
        return ImageGrid.grid(images, 20, 9, channels, 2, 2, 1);
    }

    private static String row(BufferedImage image, int y, int width, int band) {
        StringBuilder text = new StringBuilder();
        for (int x = 0; x < width; x++) {
            int v = image.getRaster().getSample(x, y, band);
            text.append(v == ImageGrid.GROUND ? '.' : v == 240 ? '#' : '?');
        }
        return text.toString();
    }

    @Test
    void namesStandAtTheirRows() {
        for (int channels : new int[] {1, 3}) {
            BufferedImage labelled = RowLabels.beside(sheet(2, channels), List.of("e7", "\u00e9"), 2);
            int strip = 2 * 4 * 2 + 2;
            for (int band = 0; band < channels; band++) {
                assertEquals("..######..######..", row(labelled, 7, strip, band)); // E7, five rows of two pixels
                assertEquals("..##..........##..", row(labelled, 9, strip, band));
                assertEquals("..####........##..", row(labelled, 11, strip, band));
                assertEquals("..######......##..", row(labelled, 15, strip, band));
                assertEquals("..................", row(labelled, 17, strip, band));
                assertEquals("..####............", row(labelled, 29, strip, band)); // ? stands for what has no sign
            }
        }
    }

    @Test
    void theSheetIsBeside() {
        BufferedImage sheet = sheet(3, 1);
        BufferedImage labelled = RowLabels.beside(sheet, List.of("a", "b", "c"), 2);
        int strip = labelled.getWidth() - sheet.getWidth();
        int[] want = sheet.getRaster().getPixels(0, 0, sheet.getWidth(), sheet.getHeight(), (int[]) null);
        int[] got = labelled.getRaster().getPixels(strip, 0, sheet.getWidth(), sheet.getHeight(), (int[]) null);
        assertArrayEquals(want, got);
        assertThrows(IllegalArgumentException.class, () -> RowLabels.beside(sheet, List.of(), 2));
    }

    /** A long name is cut off, not the sheet. */
    @Test
    void longNamesAreShortened() {
        BufferedImage labelled = RowLabels.beside(sheet(1, 1), List.of("a name that goes on and on"), 2);
        assertEquals(sheet(1, 1).getWidth() + 16 * 8 + 2, labelled.getWidth());
    }
}
