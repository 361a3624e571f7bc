package ddpm.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.Classes;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.DataSources;
import ddpm.picture.Drawn;
import ddpm.terminal.Progress;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** On images without labels, whose network is random: nothing is taught. */
class QuickJudgeTest {
    private static final ImageSize SIZE = new ImageSize(8, 8);
    private static final DataSpec SPEC = new DataSpec("glyphs", Channels.GREY, SIZE, 3, 0);
    private static final DataEnvironment SYSTEM = DataEnvironment.system();

    private static ImageSet glyphs(int count) {
        return DataSources.load(SPEC.withCount(count), SYSTEM).withClasses(Classes.UNKNOWN);
    }

    private static QuickJudge judge(ImageSet set, int count) {
        return QuickJudge.of(set, SPEC, count, SYSTEM, line -> {}, steps -> new Progress.Silent());
    }

    /** Byte b as a network draws it. */
    private static Drawn drawn(ImageSet set) {
        byte[][] bytes = set.images();
        float[][] images = new float[bytes.length][SIZE.height() * SIZE.width()];
        for (int i = 0; i < images.length; i++) {
            for (int k = 0; k < images[i].length; k++) {
                images[i][k] = (bytes[i][k] & 255) / 127.5f - 1;
            }
        }
        return new Drawn(SIZE, 1, images);
    }

    /** A built-in set has held-out images, in the order of Reality's shuffle; distances do not ask for an order. */
    @Test
    void theHeldOutImagesAreWhatRealImagesAre() {
        ImageSet held = DataSources.heldOut(SPEC, 60, SYSTEM).orElseThrow();
        Random noise = new Random(1);
        float[][] pixels = new float[60][64];
        for (float[] image : pixels) {
            for (int k = 0; k < image.length; k++) {
                image[k] = 2 * noise.nextFloat() - 1;
            }
        }
        try (QuickJudge judge = judge(glyphs(500), 60)) {
            assertEquals(60, judge.count());
            assertTrue(judge.text().startsWith("a random convolution net"), judge.text());
            QuickJudge.Finding real = judge.real();
            QuickJudge.Finding same = judge.of(drawn(held));
            double rounding = 60 * 64 * 0x1p-24; // a float32 feature times images times features
            assertEquals(real.frechet(), same.frechet(), rounding * Math.max(1, real.frechet()));
            assertEquals(real.kid(), same.kid(), rounding);
            assertEquals(real.precision(), same.precision());
            assertEquals(real.recall(), same.recall());
            QuickJudge.Finding noisy = judge.of(new Drawn(SIZE, 1, pixels));
            assertTrue(noisy.frechet() > 10 * real.frechet(), noisy + " and " + real);
            assertTrue(noisy.precision() < real.precision(), noisy + " and " + real);
        }
    }

    @Test
    void tooFewImagesToCompareWith() {
        ImageSet few = glyphs(29);
        var e = assertThrows(UserError.class, () -> judge(few, 60));
        assertTrue(
                e.getMessage().contains("has 29 images") && e.getMessage().contains("needed are 30"), e.getMessage());
    }
}
