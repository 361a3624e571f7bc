package ddpm.picture;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import java.util.List;

/** Names to the left of the rows of a sheet, in the signs of {@link ColumnLabels}. */
public final class RowLabels {
    private static final int SCALE = 2;
    private static final int LONGEST = 16; // signs; what is longer ends in a dot

    private RowLabels() {}

    /**
     * A sheet with a strip of names to the left of {@code sheet}, each in the middle of its row.
     *
     * @param sheet from {@link ImageGrid#grid}, grey or RGB
     * @param names one for each row, from the top
     * @param pad pixels of ground around the tiles of the sheet
     */
    public static BufferedImage beside(BufferedImage sheet, List<String> names, int pad) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("labels: needs a name for each row, got none");
        }
        List<String> texts = names.stream().map(RowLabels::shortened).toList();
        int longest = texts.stream().mapToInt(String::length).max().getAsInt();
        int strip = longest * ColumnLabels.ADVANCE * SCALE + pad;
        BufferedImage labelled = new BufferedImage(sheet.getWidth() + strip, sheet.getHeight(), sheet.getType());
        WritableRaster raster = labelled.getRaster();
        int[] ground = new int[strip * raster.getNumBands()];
        Arrays.fill(ground, ImageGrid.GROUND);
        for (int y = 0; y < sheet.getHeight(); y++) {
            raster.setPixels(0, y, strip, 1, ground);
        }
        raster.setRect(strip, 0, sheet.getRaster());
        int height = (sheet.getHeight() - pad) / names.size();
        for (int i = 0; i < texts.size(); i++) {
            int top = pad + i * height + Math.max(0, (height - pad - ColumnLabels.SIGN_HEIGHT * SCALE) / 2);
            ColumnLabels.draw(texts.get(i), raster, pad, top, SCALE);
        }
        return labelled;
    }

    private static String shortened(String name) {
        return ColumnLabels.inSigns(name.length() <= LONGEST ? name : name.substring(0, LONGEST - 1) + ".");
    }
}
