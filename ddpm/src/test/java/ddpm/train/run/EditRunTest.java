package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.testing.Devices;
import ddpm.picture.ImageGrid;
import ddpm.train.TinyRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sample} with images that do not come from noise alone. */
class EditRunTest {
    private static final int PIXELS = TinyRun.SIDE * TinyRun.SIDE;

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Path run;
    private static byte[] digit;

    @BeforeAll
    static void train() throws IOException {
        run = shared.resolve("run");
        Path data = shared.resolve("data");
        TinyRun.idx(data, 16);
        byte[] labels = new byte[8 + 16];
        ByteBuffer.wrap(labels).putInt(2049).putInt(16);
        for (int i = 0; i < 16; i++) {
            labels[8 + i] = (byte) (i % 10);
        }
        Files.write(data.resolve("train-labels-idx1-ubyte"), labels);
        digit = TinyRun.glyphs(16).images()[3];
        Ran.of(TinyRun.command(run, data, "--preset quick --batch 8 --steps 4 --device cpu"))
                .ok();
        png("digit.png", digit, TinyRun.SIDE, TinyRun.SIDE, 1);
        byte[] mask = new byte[PIXELS];
        Arrays.fill(mask, PIXELS / 2, PIXELS, (byte) 255); // the lower half is drawn
        png("mask.png", mask, TinyRun.SIDE, TinyRun.SIDE, 1);
        png("black.png", new byte[PIXELS], TinyRun.SIDE, TinyRun.SIDE, 1);
        png("wide.png", new byte[3 * 30 * 20], 20, 30, 3);
        Files.writeString(shared.resolve("seeds.txt"), "5\n# none\n\n-7 # below zero\n");
    }

    private static void png(String name, byte[] data, int h, int w, int channels) throws IOException {
        ImageIO.write(
                ImageGrid.grid(new byte[][] {data}, h, w, channels, 1, 0, 1),
                "png",
                shared.resolve(name).toFile());
    }

    private Ran sample(String options) {
        String text = options.replace("@", shared + "/");
        return Ran.of(("sample --sample-steps 4 --checkpoint " + run + " " + text
                        + (text.contains("--sampler") ? "" : " --sampler ddim")
                        + (text.contains("--device") ? "" : " --device cpu") + " --grid " + folder.resolve("grid.png"))
                .split(" +"));
    }

    private float[] drawn(String options) throws IOException {
        Path npy = folder.resolve("x.npy");
        sample(options + " --npy " + npy).ok();
        return NpyValues.read(npy);
    }

    private static void assertDigit(float[] values, int image, int pixels) {
        for (int k = 0; k < pixels; k++) {
            assertEquals((digit[k] & 255) / 127.5f - 1, values[image * PIXELS + k], 1e-6, "pixel " + k);
        }
    }

    @Test
    void whatIsKnownStays() throws IOException {
        float[] two = drawn("--inpaint @digit.png --mask @mask.png --count 2 --class 3 --guidance 2");
        assertEquals(2 * PIXELS, two.length);
        assertDigit(two, 0, PIXELS / 2);
        assertDigit(two, 1, PIXELS / 2);
        assertFalse(Arrays.equals(
                Arrays.copyOfRange(two, PIXELS / 2, PIXELS), Arrays.copyOfRange(two, 3 * PIXELS / 2, 2 * PIXELS)));
        String said = sample("--inpaint @digit.png --mask @mask.png --count 1 --resample 3")
                .ok()
                .out();
        assertTrue(said.contains("of which 50 % are drawn"), said);
        assertTrue(said.contains("4 steps of 10 evaluations"), said);
    }

    /** The same bits with and without graphs, and near those of the CPU. */
    @Test
    @Tag("cuda")
    void onAGpu() throws IOException {
        Devices.cuda();
        String edit = "--inpaint @digit.png --mask @mask.png --count 2 --resample 2 --eta 1";
        float[] cpu = drawn(edit);
        float[] cuda = drawn(edit + " --device cuda");
        assertArrayEquals(cuda, drawn(edit + " --device cuda --no-graph"));
        assertDigit(cuda, 1, PIXELS / 2);
        assertArrayEquals(cpu, cuda, 1e-2f);
    }

    @Test
    void aLittleStrengthLeavesTheImage() throws IOException {
        float[] near = drawn("--from @digit.png --strength 0 --count 2");
        float[] far = drawn("--from @digit.png --strength 1 --count 2");
        double off = 0;
        double lost = 0;
        for (int k = 0; k < PIXELS; k++) {
            off += Math.abs(near[k] - ((digit[k] & 255) / 127.5f - 1)) / PIXELS;
            lost += Math.abs(far[k] - ((digit[k] & 255) / 127.5f - 1)) / PIXELS;
        }
        assertTrue(off < lost / 2, off + " and " + lost);
        String said = sample("--from @wide.png").ok().out();
        assertTrue(said.contains("strength 0.6"), said);
        assertTrue(said.contains("wide.png: 20x30 RGB cropped around its middle and resized to 8x8 grey"), said);
    }

    @Test
    void theEndsOfAnInterpolationAreTheSeeds() throws IOException {
        float[] all = drawn("--interpolate 3,8 --count 3");
        assertEquals(3 * PIXELS, all.length);
        float[] three = drawn("--seed 3 --count 1 --eta 0 --class none");
        float[] eight = drawn("--seed 8 --count 1 --eta 0 --class none");
        assertArrayEquals(three, Arrays.copyOfRange(all, 0, PIXELS), 1e-4f);
        assertArrayEquals(eight, Arrays.copyOfRange(all, 2 * PIXELS, 3 * PIXELS), 1e-4f);
    }

    @Test
    void seedsAreImagesOfTheirOwn() throws IOException {
        float[] all = drawn("--seeds @seeds.txt --class 2");
        assertEquals(2 * PIXELS, all.length);
        assertArrayEquals(drawn("--seed 5 --count 1 --class 2"), Arrays.copyOfRange(all, 0, PIXELS));
        assertArrayEquals(drawn("--seed -7 --count 1 --class 2"), Arrays.copyOfRange(all, PIXELS, 2 * PIXELS));
    }

    @Test
    void noiseIsKeptAndDrawnFrom() throws IOException {
        Path noise = folder.resolve("noise.npy");
        float[] again = drawn("--invert @digit.png --save-noise " + noise);
        assertEquals(PIXELS, again.length);
        assertArrayEquals(again, drawn("--noise " + noise), 1e-6f);
        int width = ImageIO.read(folder.resolve("grid.png").toFile()).getWidth();
        sample("--invert @digit.png").ok();
        assertTrue(ImageIO.read(folder.resolve("grid.png").toFile()).getWidth() > width, "beside its image");
    }

    @Test
    void whatCannotWork() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "7\nx\n");
        Path npy =
                Files.write(folder.resolve("a.npy"), new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 100, 0});
        sample("--from @digit.png --seeds @seeds.txt").failed(2, "--from and --seeds: give one of them");
        sample("--strength 0.3").failed(2, "--strength: belongs to --from");
        sample("--from @digit.png --strength 1.5").failed(2, "--strength 1.5: must be from 0");
        sample("--from @none.png").failed(1, "no such file", "name an image");
        sample("--from @seeds.txt").failed(1, "--from");
        sample("--inpaint @digit.png").failed(2, "needs --mask");
        sample("--inpaint @digit.png --mask @wide.png").failed(2, "is 20x30, and the image is 8x8");
        sample("--inpaint @digit.png --mask @black.png").failed(2, "nothing white");
        sample("--inpaint @digit.png --mask @mask.png --resample 0").failed(2, "from 1 to 100");
        sample("--inpaint @digit.png --mask @mask.png --resample 2 --sampler unipc")
                .failed(2, "--resample 2: goes back and forth, and unipc builds each step on those before");
        sample("--interpolate 3,8 --sampler ddpm").failed(2, "draws fresh noise");
        sample("--interpolate 3").failed(2, "expected two seeds");
        sample("--interpolate 3,8 --eta 1").failed(2, "draws fresh noise", "--eta 0");
        sample("--interpolate 3,8 --class 1,2").failed(2, "name one");
        sample("--invert @digit.png --count 3").failed(2, "leave it out");
        sample("--seeds " + text).failed(1, "line 2", "\"x\" is no seed");
        sample("--seeds @digit.png").failed(1, "is no text");
        sample("--noise " + npy).failed(1, "cut short", "[N,8,8,1]");
        sample("--noise @digit.png").failed(1, "is no .npy file");
    }
}
