package ddpm.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.evaluate.Verdict.Grade;
import ddpm.evaluate.measure.Products;
import ddpm.evaluate.measure.Rows;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is made of images and of numbers, by hand. */
class JudgementTest {
    private static final double U = 0x1p-52;

    @Test
    void whatSamplesShow() {
        float[][] samples = {{0.95f, 0.05f}, {0.2f, 0.8f}, {0.1f, 0.9f}, {0.99f, 0.01f}};
        float[][] real = {{0.6f, 0.4f}, {0.05f, 0.95f}, {1, 0}};
        Shown shown = Shown.of(List.of("a", "b"), samples, new int[] {0, 0, 1, -1}, real, new int[] {1, 1, -1});
        assertArrayEquals(new int[] {2, 2}, shown.counts());
        assertArrayEquals(new int[] {2, 1}, shown.asked());
        assertArrayEquals(new int[] {1, 1}, shown.asAsked());
        assertEquals(2.0 / 3, shown.shareAsAsked());
        assertEquals(0.5, shown.accuracy(), "the third has no label");
        assertEquals(0.5, shown.sure(), "0.9 is not surer than 0.9");
        assertFalse(Shown.of(List.of("a", "b"), samples, null, real, new int[] {1, 1, -1})
                .conditional());
        assertEquals(1, Shown.entropy(new int[] {7, 7}), U);
        assertEquals(0, Shown.entropy(new int[] {7, 0}), U);
        assertEquals(1.5, Shown.entropy(new int[] {2, 1, 1}), 2 * U);
    }

    /** Of 101 grey images from 0 to 100 the middle 98 % are 1 to 99. */
    @Test
    void whatIsUnusual() {
        float[] training = new float[101 * 2];
        for (int i = 0; i < training.length; i++) {
            training[i] = i / 2;
        }
        List<Tints> tints = Tints.of(
                Rows.of(2, new float[] {0, 0, 50, 50, 100, 100, 99, 99}),
                Rows.of(2, new float[] {1, 1, 3, 5}),
                Rows.of(2, training),
                1);
        assertEquals(
                List.of("brightness", "contrast"),
                tints.stream().map(Tints::name).toList());
        assertEquals(0.5, tints.get(0).outside());
        assertEquals(0, tints.get(0).realOutside());
        assertEquals(62.25, tints.get(0).samples());
        assertEquals(0.5, tints.get(1).real(), "the deviations are 0 and 1");
    }

    /** A red pixel beside a grey one. */
    @Test
    void saturationIsHowFarChannelsAreApart() {
        Rows one = Rows.of(6, new float[] {200, 20, 50, 90, 90, 90});
        Tints saturation = Tints.of(one, one, one, 3).get(2);
        assertEquals("saturation", saturation.name());
        assertEquals(90, saturation.samples());
    }

    @Test
    void gradesAreSharesAndMultiplesOfWhatRealImagesGet() {
        assertEquals(Grade.GOOD, Verdict.grade(Quantity.PRECISION, 0.85, 0.9, 0));
        assertEquals(Grade.NEAR, Verdict.grade(Quantity.PRECISION, 0.7, 0.9, 0));
        assertEquals(Grade.GOOD, Verdict.grade(Quantity.PRECISION, 0.7, 0.9, 0.1), "within twice the chance error");
        assertEquals(Grade.FAR, Verdict.grade(Quantity.RECALL, 0.1, 0.9, 0));
        assertEquals(Grade.GOOD, Verdict.grade(Quantity.FRECHET, 0.19, 0.1, 0));
        assertEquals(Grade.OFF, Verdict.grade(Quantity.FRECHET, 1, 0.1, 0));
        assertEquals(Grade.FAR, Verdict.grade(Quantity.FRECHET, 10, 0.1, 0));
        assertEquals(Grade.GOOD, Verdict.grade(Quantity.KID, 0.02, 0.001, 0.01));
        assertEquals(Grade.FAR, Verdict.grade(Quantity.KID, 1, 0.001, 0.01));
    }

    @Test
    void sharesOfAHundred() {
        assertEquals("0", Verdict.hundred(0));
        assertEquals("1.5", Verdict.hundred(0.015));
        assertEquals("42", Verdict.hundred(0.42));
        assertEquals("99.1", Verdict.hundred(0.991));
        assertEquals("100", Verdict.hundred(1));
    }

    /** A copy with a little noise on it is a copy, a new image of the same kind is none, and an image is not its own copy. */
    @OnEachDevice
    void copiesAreToldFromNewImages(Device device) {
        Products products = new Products(device.backend());
        Rows training = noise(1, 300);
        float[] near = new float[2 * 64];
        training.copy(17, near, 0);
        noise(2, 1).copy(0, near, 64);
        for (int k = 0; k < 64; k++) {
            near[k] += k % 2 == 0 ? 3 : -3;
        }
        Neighbours of = Neighbours.of(products, Rows.of(64, near), training, i -> -1);
        assertEquals(0.5, of.copies());
        assertEquals(17, of.nearest()[0]);
        assertEquals(3, of.distance()[0], 3 * 0x1p-20);
        assertArrayEquals(new int[] {0, 1}, of.mostLikeCopies());
        assertEquals(0, Neighbours.of(products, training, training, i -> i).copies());
        assertEquals(1, Neighbours.of(products, training, training, i -> -1).copies());
    }

    private static Rows noise(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count * 64];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(256);
        }
        return Rows.of(64, values);
    }
}
