package ddpm.data.drawn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataFiles;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.source.DataSources;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GlyphsTest {
    private static final DataSpec SPEC = DataSpec.of("glyphs").withSeed(7).withCount(400);

    private static ImageSet draw(DataSpec spec) {
        return DataSources.load(spec, DataFiles.environment(Path.of("none")));
    }

    /** Known answer: a seed gives these bytes on every machine and Java version. A new drawing changes it on purpose. */
    @Test
    void sameBytesEverywhere() {
        assertEquals("94df024181b4de2700ef9bff6e890198dd8b40fe5c7b80bf6a7063547d5e6a1c", DataFiles.sha256(draw(SPEC)));
    }

    @Test
    void anImageDependsOnSeedAndIndexOnly() {
        ImageSet few = draw(SPEC.withCount(13));
        ImageSet many = draw(SPEC);
        assertArrayEquals(few.images(), Arrays.copyOf(many.images(), 13));
        byte[][] otherSeed = draw(SPEC.withSeed(8)).images();
        for (int i = 0; i < 400; i++) {
            assertFalse(Arrays.equals(many.images()[i], otherSeed[i]), "seed changes image " + i);
            assertFalse(i >= 10 && Arrays.equals(many.images()[i], many.images()[i - 10]), "index changes image " + i);
        }
    }

    @Test
    void shapeChannelsAndName() {
        ImageSet set = draw(SPEC);
        assertEquals(
                "400 images 28x28x1 from the built-in glyphs (seed 7), 314 kB\nlabels of 10 classes", set.describe());
        ImageSet wide = draw(
                SPEC.withSize(new ImageSize(40, 64)).withChannels(Channels.RGB).withCount(3));
        assertEquals("3 images 40x64x3 from the built-in glyphs (seed 7), 23 kB\nlabels of 3 classes", wide.describe());
        for (int i = 0; i < wide.images()[2].length; i += 3) {
            assertEquals(wide.images()[2][i], wide.images()[2][i + 1]);
            assertEquals(wide.images()[2][i], wide.images()[2][i + 2]);
        }
        assertEquals(60_000, Glyphs.COUNT);
        assertEquals(1, draw(SPEC.withSize(new ImageSize(1, 1)).withCount(1)).count(), "even that small");
    }

    /** Framed like MNIST: mean 33 of 255, centre of mass within 1 pixel of the middle, 1.4 % touch the edge. */
    @Test
    void framedLikeMnist() {
        double sum = 0;
        int atTheEdge = 0;
        for (byte[] image : draw(SPEC).images()) {
            double mass = 0;
            double massX = 0;
            double massY = 0;
            boolean edge = false;
            for (int i = 0; i < image.length; i++) {
                int v = image[i] & 255;
                mass += v;
                massX += v * (i % 28 + 0.5);
                massY += v * (i / 28 + 0.5);
                edge |= v > 0 && (i % 28 == 0 || i % 28 == 27 || i / 28 == 0 || i / 28 == 27);
            }
            assertEquals(14, massX / mass, 1.2);
            assertEquals(14, massY / mass, 1.2);
            atTheEdge += edge ? 1 : 0;
            sum += mass / image.length;
        }
        assertEquals(33, sum / 400, 3);
        assertTrue(atTheEdge <= 12, atTheEdge + " of 400 touch the edge");
    }

    /** The digits differ: the mean image of each digit, from other glyphs, recognises most of them. */
    @Test
    void digitsAreTellableApart() {
        double[][] mean = new double[10][784];
        byte[][] known = draw(SPEC.withSeed(1).withCount(2000)).images();
        for (int i = 0; i < known.length; i++) {
            for (int k = 0; k < 784; k++) {
                mean[i % 10][k] += (known[i][k] & 255) / 200.0;
            }
        }
        int right = 0;
        byte[][] asked = draw(SPEC).images();
        for (int i = 0; i < asked.length; i++) {
            int best = 0;
            double least = Double.MAX_VALUE;
            for (int d = 0; d < 10; d++) {
                double away = 0;
                for (int k = 0; k < 784; k++) {
                    double e = (asked[i][k] & 255) - mean[d][k];
                    away += e * e;
                }
                if (away < least) {
                    least = away;
                    best = d;
                }
            }
            right += best == i % 10 ? 1 : 0;
        }
        assertTrue(right >= 320, right + " of 400 recognised; the same rule recognises 82 % of MNIST");
    }

    @Test
    void refusesMoreThanMemoryHolds() {
        DataFiles.assertSays(
                () -> Glyphs.draw(SPEC.withCount(2_000_000), 1_000_000_000),
                "glyphs: the decoded images need more than the 1.0 GB");
    }
}
