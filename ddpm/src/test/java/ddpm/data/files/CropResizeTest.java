package ddpm.data.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import ddpm.config.ImageSize;
import ddpm.data.Pixels;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CropResizeTest {
    private static Pixels noise(int h, int w, int c) {
        byte[] data = new byte[h * w * c];
        new Random(h * 31L + w).nextBytes(data);
        return new Pixels(h, w, c, data);
    }

    /** The mean over the exact area of each new pixel: every pixel split into toH x toW equal parts, all counted. */
    private static double area(
            Pixels in, int top, int left, int cropH, int cropW, int toH, int toW, int y, int x, int k) {
        double sum = 0;
        for (int v = y * cropH; v < (y + 1) * cropH; v++) {
            for (int u = x * cropW; u < (x + 1) * cropW; u++) {
                sum += in.data()[((top + v / toH) * in.width() + left + u / toW) * in.channels() + k] & 255;
            }
        }
        return sum / (cropH * cropW);
    }

    @Test
    void shrinkingTakesTheMeanOverTheArea() {
        int[][] cases = {{6, 6, 3, 3}, {7, 7, 3, 3}, {9, 5, 9, 5}, {12, 8, 5, 4}, {11, 20, 4, 3}, {40, 13, 7, 7}};
        for (int[] s : cases) {
            for (int c : new int[] {1, 3}) {
                Pixels in = noise(s[0], s[1], c);
                Pixels out = CropResize.fit(in, new ImageSize(s[2], s[3]));
                int cropW = (int) Math.min(s[1], Math.round((double) s[0] * s[3] / s[2]));
                int cropH = (int) Math.min(s[0], Math.round((double) s[1] * s[2] / s[3]));
                for (int i = 0; i < out.data().length; i++) {
                    int y = i / c / s[3];
                    int x = i / c % s[3];
                    double want =
                            area(in, (s[0] - cropH) / 2, (s[1] - cropW) / 2, cropH, cropW, s[2], s[3], y, x, i % c);
                    // rounding to a byte, and float sums of at most 50 terms of 255
                    assertEquals(want, out.data()[i] & 255, 0.5 + 50 * 255 * 0x1p-23);
                }
            }
        }
    }

    @Test
    void cropsAroundTheCentre() {
        Pixels in = new Pixels(1, 6, 1, new byte[] {9, 9, 1, 3, 9, 9});
        assertArrayEquals(
                new byte[] {2},
                CropResize.fit(
                                new Pixels(2, 6, 1, new byte[] {9, 9, 1, 3, 9, 9, 9, 9, 1, 3, 9, 9}),
                                new ImageSize(1, 1))
                        .data());
        assertArrayEquals(
                new byte[] {1}, CropResize.fit(in, new ImageSize(1, 1)).data(), "left of the middle");
    }

    @Test
    void enlargingIsLinearBetweenPixelCentres() {
        Pixels in = new Pixels(1, 2, 1, new byte[] {0, 100});
        // centres of the four new pixels lie at -0.25, 0.25, 0.75, 1.25 of the old ones; the ends are held
        assertArrayEquals(
                new byte[] {0, 25, 75, 100, 0, 25, 75, 100},
                CropResize.fit(in, new ImageSize(2, 4)).data());
    }

    @Test
    void aFlatImageStaysFlat() {
        byte[] flat = new byte[23 * 17];
        java.util.Arrays.fill(flat, (byte) 201);
        for (int h : new int[] {1, 2, 16, 17, 40}) {
            for (int w : new int[] {1, 5, 23, 50}) {
                for (byte v : CropResize.fit(new Pixels(23, 17, 1, flat), new ImageSize(h, w))
                        .data()) {
                    assertEquals((byte) 201, v);
                }
            }
        }
    }

    @Test
    void leavesTheRightSizeAlone() {
        Pixels in = noise(5, 4, 3);
        assertSame(in, CropResize.fit(in, new ImageSize(5, 4)));
        assertSame(in, CropResize.fit(in, null));
    }
}
