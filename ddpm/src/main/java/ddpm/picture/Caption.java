package ddpm.picture;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a sheet shows, written below it in the signs of {@link ColumnLabels}. */
final class Caption {
    private static final int LARGEST = 2;
    /** Between two parts in a line. */
    private static final String GAP = "   ";

    private Caption() {}

    /**
     * A sheet with a strip of text below {@code sheet}: as many parts to a line as fit, in large signs where each part fits in
     * them, in small ones otherwise. What is wider even so is cut off, not the sheet.
     *
     * @param sheet from {@link ImageGrid#grid}, grey or RGB
     * @param parts such as {@code step 800} and {@code ddim}
     * @param pad pixels of ground around the tiles of the sheet
     */
    static BufferedImage below(BufferedImage sheet, List<String> parts, int pad) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("caption: needs a word, got none");
        }
        List<String> texts = parts.stream().map(ColumnLabels::inSigns).toList();
        int room = (sheet.getWidth() - pad) / ColumnLabels.ADVANCE; // small signs to a line
        int longest = texts.stream().mapToInt(String::length).max().getAsInt();
        int scale = Math.max(1, Math.min(LARGEST, room / longest));
        List<String> lines = lines(texts, room / scale);
        int line = ColumnLabels.SIGN_HEIGHT * scale + pad + scale;
        BufferedImage captioned =
                new BufferedImage(sheet.getWidth(), sheet.getHeight() + lines.size() * line, sheet.getType());
        WritableRaster raster = captioned.getRaster();
        int[] ground = new int[sheet.getWidth() * raster.getNumBands()];
        Arrays.fill(ground, ImageGrid.GROUND);
        for (int y = sheet.getHeight(); y < captioned.getHeight(); y++) {
            raster.setPixels(0, y, sheet.getWidth(), 1, ground);
        }
        raster.setRect(sheet.getRaster());
        for (int i = 0; i < lines.size(); i++) {
            ColumnLabels.draw(lines.get(i), raster, pad, sheet.getHeight() + i * line + scale, scale);
        }
        return captioned;
    }

    private static List<String> lines(List<String> parts, int room) {
        List<String> lines = new ArrayList<>();
        for (String part : parts) {
            int last = lines.size() - 1;
            if (last >= 0 && lines.get(last).length() + GAP.length() + part.length() <= room) {
                lines.set(last, lines.get(last) + GAP + part);
            } else {
                lines.add(part);
            }
        }
        return lines;
    }
}
