package ddpm.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossChartTest {
    @Test
    void runningMeanHasNoBiasAndForgets() {
        assertArrayEquals(new double[] {3, 3, 3}, LossChart.runningMean(new double[] {3, 3, 3}), 1e-12);
        // (0.95 * 1 + 2) / (0.95 + 1)
        assertEquals(2.95 / 1.95, LossChart.runningMean(new double[] {1, 2})[1], 1e-12);
    }

    @Test
    void drawsALineThatFalls(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("loss.png");
        LossChart.write(file, new double[] {10, 20, 30}, new double[] {1, 0.1, 0.01});
        BufferedImage image = ImageIO.read(file.toFile());
        assertEquals(800, image.getWidth());
        assertTrue(lowest(image, 0.25) < lowest(image, 0.65), "the line should be lower on the right");
    }

    /** The lowest row with a saturated colour (a series, not text or grid) near a share of the width. */
    private static int lowest(BufferedImage image, double share) {
        int x = (int) (image.getWidth() * share);
        int lowest = -1;
        for (int y = 0; y < image.getHeight() - 60; y++) {
            int rgb = image.getRGB(x, y);
            int max = Math.max(rgb >> 16 & 255, Math.max(rgb >> 8 & 255, rgb & 255));
            int min = Math.min(rgb >> 16 & 255, Math.min(rgb >> 8 & 255, rgb & 255));
            if (max - min > 60) {
                lowest = y;
            }
        }
        return lowest;
    }
}
