package ddpm.picture;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Short labels above the columns of a sheet, such as {@code t=999}. The signs are drawn from the patterns below, so that
 * a machine without fonts writes the same file.
 */
public final class ColumnLabels {
    private static final int INK = 240;
    private static final int LARGEST = 2;
    static final int SIGN_HEIGHT = 5;
    /** Three dots and the gap to the next sign. */
    static final int ADVANCE = 4;
    /** Five rows of three dots from the top; the highest of three bits is the left dot. */
    private static final Map<Character, String> SIGNS = Map.ofEntries(
            Map.entry('0', "75557"),
            Map.entry('1', "26227"),
            Map.entry('2', "71747"),
            Map.entry('3', "71717"),
            Map.entry('4', "55711"),
            Map.entry('5', "74717"),
            Map.entry('6', "74757"),
            Map.entry('7', "71111"),
            Map.entry('8', "75757"),
            Map.entry('9', "75717"),
            Map.entry('t', "27223"),
            Map.entry('x', "00525"),
            Map.entry('A', "25755"),
            Map.entry('B', "65656"),
            Map.entry('C', "34443"),
            Map.entry('D', "65556"),
            Map.entry('E', "74647"),
            Map.entry('F', "74644"),
            Map.entry('G', "34553"),
            Map.entry('H', "55755"),
            Map.entry('I', "72227"),
            Map.entry('J', "11152"),
            Map.entry('K', "55655"),
            Map.entry('L', "44447"),
            Map.entry('M', "57755"),
            Map.entry('N', "65555"),
            Map.entry('O', "25552"),
            Map.entry('P', "65644"),
            Map.entry('Q', "25563"),
            Map.entry('R', "65655"),
            Map.entry('S', "34216"),
            Map.entry('T', "72222"),
            Map.entry('U', "55557"),
            Map.entry('V', "55552"),
            Map.entry('W', "55775"),
            Map.entry('X', "55255"),
            Map.entry('Y', "55222"),
            Map.entry('Z', "71247"),
            Map.entry('-', "00700"),
            Map.entry('_', "00007"),
            Map.entry('.', "00002"),
            Map.entry(' ', "00000"),
            Map.entry('?', "61202"),
            Map.entry('=', "07070"));

    private ColumnLabels() {}

    /**
     * A sheet with a strip of labels on top of {@code sheet}, each at the left edge of its column. Where columns are
     * narrower than a label, only every second, third ... column has one.
     *
     * @param sheet from {@link ImageGrid#grid}, grey or RGB
     * @param columns of the sheet
     * @param labels from the left, at most {@code columns}; of digits, t, x and =
     * @param pad pixels of ground around the tiles of the sheet
     */
    public static BufferedImage above(BufferedImage sheet, int columns, List<String> labels, int pad) {
        if (columns < 1 || labels.isEmpty() || labels.size() > columns) {
            throw new IllegalArgumentException(
                    "labels: " + labels.size() + " for " + columns + " columns; needs one or more, at most as many");
        }
        int columnWidth = (sheet.getWidth() - pad) / columns;
        int longest = labels.stream().mapToInt(String::length).max().getAsInt() * ADVANCE;
        int scale = Math.max(1, Math.min(LARGEST, columnWidth / longest));
        int every = (longest * scale + columnWidth - 1) / columnWidth;
        int strip = SIGN_HEIGHT * scale + pad;
        BufferedImage labelled = new BufferedImage(sheet.getWidth(), sheet.getHeight() + strip, sheet.getType());
        WritableRaster raster = labelled.getRaster();
        int[] ground = new int[sheet.getWidth() * raster.getNumBands()];
        Arrays.fill(ground, ImageGrid.GROUND);
        for (int y = 0; y < strip; y++) {
            raster.setPixels(0, y, sheet.getWidth(), 1, ground);
        }
        raster.setRect(0, strip, sheet.getRaster());
        for (int i = 0; i < labels.size(); i += every) {
            draw(labels.get(i), raster, pad + i * columnWidth, pad, scale);
        }
        return labelled;
    }

    /** A text in capital letters, with ? for what has no sign. */
    static String inSigns(String text) {
        StringBuilder known = new StringBuilder();
        for (char c : text.toUpperCase(Locale.ROOT).toCharArray()) {
            known.append(SIGNS.containsKey(c) ? c : '?');
        }
        return known.toString();
    }

    static void draw(String label, WritableRaster raster, int left, int top, int scale) {
        int[] ink = new int[raster.getNumBands()];
        Arrays.fill(ink, INK);
        for (int i = 0; i < label.length() * ADVANCE * scale; i++) {
            String sign = SIGNS.get(label.charAt(i / scale / ADVANCE));
            if (sign == null) {
                throw new IllegalArgumentException(
                        "labels: no sign for '" + label + "'; known are digits, capital letters, t, x and =");
            }
            int column = i / scale % ADVANCE;
            for (int y = 0; y < SIGN_HEIGHT * scale && left + i < raster.getWidth(); y++) {
                if (column < 3 && (sign.charAt(y / scale) - '0' & 4 >> column) != 0) {
                    raster.setPixel(left + i, top + y, ink);
                }
            }
        }
    }
}
