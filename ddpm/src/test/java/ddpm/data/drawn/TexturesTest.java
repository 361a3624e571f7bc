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
import ddpm.data.Pixels;
import ddpm.data.files.CropResize;
import ddpm.data.source.DataSources;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TexturesTest {
    private static final DataSpec SPEC = DataSpec.of("textures").withSeed(7).withCount(160);

    private static ImageSet draw(DataSpec spec) {
        return DataSources.load(spec, DataFiles.environment(Path.of("none")));
    }

    /** Known answer: a seed gives these bytes on every machine and Java version. A new pattern changes it on purpose. */
    @Test
    void sameBytesEverywhere() {
        assertEquals("e67edac4a9abbb3befa417252e244e09da280fc7f0553e49269c21cb2a188751", DataFiles.sha256(draw(SPEC)));
    }

    @Test
    void anImageDependsOnSeedAndIndexOnly() {
        ImageSet few = draw(SPEC.withCount(9));
        ImageSet many = draw(SPEC);
        assertArrayEquals(few.images(), Arrays.copyOf(many.images(), 9));
        byte[][] otherSeed = draw(SPEC.withSeed(8)).images();
        for (int i = 0; i < 160; i++) {
            assertFalse(Arrays.equals(many.images()[i], otherSeed[i]), "seed changes image " + i);
            assertFalse(i >= 8 && Arrays.equals(many.images()[i], many.images()[i - 8]), "index changes image " + i);
        }
    }

    @Test
    void everyImageShowsAPatternInColour() {
        ImageSet set = draw(SPEC);
        int coloured = 0;
        for (int i = 0; i < set.count(); i++) {
            byte[] image = set.images()[i];
            int min = 255;
            int max = 0;
            for (byte v : image) {
                min = Math.min(min, v & 255);
                max = Math.max(max, v & 255);
            }
            assertTrue(max - min >= 25, "image " + i + " is flat: " + min + " to " + max);
            coloured += new Pixels(32, 32, 3, image).isGrey() ? 0 : 1;
        }
        assertEquals(160, coloured);
    }

    @Test
    void shapeChannelsAndName() {
        assertEquals(
                "160 images 32x32x3 from the built-in textures (seed 7), 492 kB\nlabels of 8 classes",
                draw(SPEC).describe());
        DataSpec grey = SPEC.withCount(8).withChannels(Channels.GREY).withSize(new ImageSize(16, 48));
        assertEquals(
                "8 images 16x48x1 from the built-in textures (seed 7), 6.1 kB\nlabels of 8 classes",
                draw(grey).describe());
        assertEquals(4096, Textures.COUNT);
    }

    /** At twice the size the same pattern is seen: the mean over 2x2 pixels is near the small image. */
    @Test
    void aLargerImageShowsTheSamePattern() {
        byte[][] small = draw(SPEC.withCount(48)).images();
        byte[][] large =
                draw(SPEC.withCount(48).withSize(new ImageSize(64, 64))).images();
        for (int i = 0; i < small.length; i++) {
            Pixels shrunk = CropResize.fit(new Pixels(64, 64, 3, large[i]), new ImageSize(32, 32));
            double away = 0;
            for (int k = 0; k < small[i].length; k++) {
                away += Math.abs((small[i][k] & 255) - (shrunk.data()[k] & 255));
            }
            assertTrue(away / small[i].length < 8, "image " + i + " differs by " + away / small[i].length);
        }
    }
}
