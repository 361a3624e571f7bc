package ddpm.data.files;

import java.awt.image.BufferedImage;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadUpdateListener;

/** Counts the rows that the GIF reader decodes: it leaves out in silence what the data do not bring. */
final class RowsRead implements IIOReadUpdateListener {
    private int rows;

    int rows() {
        return rows;
    }

    @Override
    public void imageUpdate(
            ImageReader reader, BufferedImage image, int x, int y, int w, int h, int stepX, int stepY, int[] bands) {
        rows++;
    }

    @Override
    public void passStarted(
            ImageReader reader,
            BufferedImage image,
            int pass,
            int minPass,
            int maxPass,
            int minX,
            int minY,
            int stepX,
            int stepY,
            int[] bands) {
        // rows of every pass come as updates
    }

    @Override
    public void passComplete(ImageReader reader, BufferedImage image) {
        // likewise
    }

    @Override
    public void thumbnailPassStarted(
            ImageReader reader,
            BufferedImage thumbnail,
            int pass,
            int minPass,
            int maxPass,
            int minX,
            int minY,
            int stepX,
            int stepY,
            int[] bands) {
        // a GIF has none
    }

    @Override
    public void thumbnailUpdate(
            ImageReader reader, BufferedImage image, int x, int y, int w, int h, int stepX, int stepY, int[] bands) {
        // a GIF has none
    }

    @Override
    public void thumbnailPassComplete(ImageReader reader, BufferedImage thumbnail) {
        // a GIF has none
    }
}
