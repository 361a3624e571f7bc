package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.ImageSize;
import ddpm.data.ImageSet;
import ddpm.picture.Drawn;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Images of one colour each, of which every quantity is known by heart. */
class TintDriftTest {
    private static final int SIDE = 4;

    /** Red is so much above green and blue. */
    private static byte[] image(int grey, int red) {
        byte[] image = new byte[SIDE * SIDE * 3];
        for (int k = 0; k < image.length; k++) {
            image[k] = (byte) (k % 3 == 0 ? grey + red : grey);
        }
        return image;
    }

    /** Grey 100 to 149, and red above it by 20 to 69. */
    private static ImageSet training() {
        byte[][] images = new byte[50][];
        for (int i = 0; i < images.length; i++) {
            images[i] = image(100 + i, 20 + i);
        }
        return new ImageSet("test", SIDE, SIDE, 3, images, List.of());
    }

    private static Drawn drawn(int usual, int odd, int grey, int red) {
        float[][] images = new float[usual + odd][];
        for (int i = 0; i < images.length; i++) {
            byte[] bytes = i < usual ? image(120, 40) : image(grey, red);
            images[i] = new float[bytes.length];
            for (int k = 0; k < bytes.length; k++) {
                images[i][k] = (bytes[k] & 255) / 127.5f - 1;
            }
        }
        return new Drawn(new ImageSize(SIDE, SIDE), 3, images);
    }

    private static Optional<String> of(Drawn preview) {
        return TintDrift.of(training()).orElseThrow().of(preview);
    }

    @Test
    void greyImagesHaveNone() {
        ImageSet grey = new ImageSet("grey", 1, 1, 1, new byte[][] {{1}}, List.of());
        assertTrue(TintDrift.of(grey).isEmpty());
    }

    @Test
    void whatLooksLikeTheDataIsNotWorthAWord() {
        assertEquals(Optional.empty(), of(drawn(10, 0, 0, 0)));
        assertEquals(Optional.empty(), of(drawn(7, 3, 10, 200)), "30 % may");
    }

    /**
     * Too bright, and as colourful as the others. 1 % of 49 steps is the first, 99 % the last: brightness 100 + 20 / 3 to 149 +
     * 69 / 3, on average half of it, and samples are six times 133 and four times 219.
     */
    @Test
    void theQuantityAndWhereItShouldBe() {
        assertEquals(
                "colours are off: the brightness of 40 % of the images is outside 107 to 172, where 98 % of the training images"
                        + " are (168 on average, theirs 139)",
                of(drawn(6, 4, 206, 40)).orElseThrow());
    }

    /** Nothing but saturation tells grey images from these: their brightness is right, and contrast with it goes too. */
    @Test
    void theFurthestOffIsNamed() {
        String said = of(drawn(5, 5, 133, 0)).orElseThrow();
        assertTrue(said.startsWith("colours are off: the contrast of 50 %"), said); // the first of two that are as far
        assertTrue(of(drawn(0, 5, 133, 0)).orElseThrow().contains("100 %"), said);
    }
}
