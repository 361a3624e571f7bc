package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.io.Safetensors;
import ddpm.engine.tensor.HostTensor;
import ddpm.picture.ColumnLabels;
import ddpm.train.checkpoint.Checkpoint;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ddpm sample} from the command line to the files. */
class SampleRunTest {
    private static final String[] SMALL = {"model.im_size=[8,6]"};

    @TempDir
    Path folder;

    private Path run;
    private Path checkpoint;

    @BeforeEach
    void train() {
        run = folder.resolve("run");
        checkpoint = TinyRun.write(run, TinyRun.config(SMALL));
    }

    private CommandRun sample(Path from, String... options) {
        List<String> args = new ArrayList<>(List.of("sample", "--checkpoint", from.toString()));
        args.addAll(List.of(options));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private byte[] npy(Path from, String... options) throws IOException {
        Path file = folder.resolve("images.npy");
        List<String> all = new ArrayList<>(List.of("--npy", file.toString()));
        all.addAll(List.of(options));
        if (!all.contains("--count")) {
            all.addAll(List.of("--count", "5"));
        }
        CommandRun done = sample(from, all.toArray(String[]::new));
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        return Files.readAllBytes(file);
    }

    private static float[] values(byte[] npy) {
        ByteBuffer data = ByteBuffer.wrap(npy, 128, npy.length - 128).slice().order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[data.remaining() / Float.BYTES];
        data.asFloatBuffer().get(values);
        return values;
    }

    private void fails(int exitCode, CommandRun done, String... parts) {
        assertEquals(exitCode, done.exitCode(), done.err());
        assertEquals(1, done.err().lines().count(), done.err());
        for (String part : parts) {
            assertTrue(done.err().contains(part), done.err());
        }
    }

    /** On the CPU: a GPU's libraries choose how to add by the size of the batch, so there it changes the last bits. */
    @Test
    void theBatchChangesNoByte() throws IOException {
        Map<String, List<byte[]>> seen = new LinkedHashMap<>();
        for (String batch : List.of("5", "1", "2", "64")) {
            for (String name : List.of("i.npy", "grid.png", "way.png", "way.gif")) {
                String option = name.startsWith("i") ? "--npy" : name.startsWith("grid") ? "--grid" : "--trajectory";
                Path file = folder.resolve(name);
                CommandRun done =
                        sample(run, "--device", "cpu", "--count", "5", "--batch", batch, option, file.toString());
                assertEquals(ExitCode.OK, done.exitCode(), done.err());
                seen.computeIfAbsent(name, n -> new ArrayList<>()).add(Files.readAllBytes(file));
            }
        }
        seen.forEach((name, all) ->
                all.forEach(bytes -> assertArrayEquals(all.get(0), bytes, name + " depends on the batch")));
        assertFalse(Arrays.equals(seen.get("i.npy").get(0), npy(run, "--seed", "1")), "the seed has a say");
    }

    @Test
    void npyIsWhatNumPyReads() throws IOException {
        byte[] file = npy(run);

        String header = new String(file, 10, 118, StandardCharsets.US_ASCII);
        assertArrayEquals(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0}, Arrays.copyOf(file, 10));
        assertEquals("{'descr': '<f4', 'fortran_order': False, 'shape': (5, 8, 6, 1), }", header.strip());
        assertTrue(header.endsWith(" \n"), "padded to 128 bytes and ended by a line break");
        float[] values = values(file);
        assertEquals(5 * 8 * 6, values.length);
        for (float v : values) {
            assertTrue(v >= -1 && v <= 1, "in [-1,1]: " + v);
        }
        assertTrue(Arrays.equals(values, values(npy(run))), "the same seed gives the same images");
    }

    @Test
    void valuesBeyondTheRangeAreCutOff() throws IOException {
        // one step and no clipping: x_0 is estimated from noise and far outside
        Files.writeString(
                run.resolve("config.yaml"),
                TinyRun.config("model.im_size=[8,6]", "sample.clip_x0=false").toYaml());
        float[] values = values(npy(run, "--sample-steps", "1"));
        int atTheEnds = 0;
        for (float v : values) {
            assertTrue(v >= -1 && v <= 1, "in [-1,1]: " + v);
            atTheEnds += Math.abs(v) == 1 ? 1 : 0;
        }
        assertTrue(atTheEnds > values.length / 2, atTheEnds + " of " + values.length);
    }

    @Test
    void singleImagesGridAndNpyShowTheSamePixels() throws IOException {
        Path rgb = folder.resolve("rgb");
        TinyRun.write(rgb, TinyRun.config("model.im_size=[8,6]", "model.im_channels=3"));
        Path each = folder.resolve("each");
        Path grid = folder.resolve("new/grid.png");
        float[] values = values(npy(rgb, "--out", each.toString(), "--grid", grid.toString()));

        try (Stream<Path> files = Files.list(each)) {
            assertEquals(
                    List.of("00000.png", "00001.png", "00002.png", "00003.png", "00004.png"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
        BufferedImage sheet = ImageIO.read(grid.toFile());
        int zoom = 7; // 56 / 8
        assertEquals(3 * (6 * zoom + 2) + 2, sheet.getWidth());
        assertEquals(2 * (8 * zoom + 2) + 2, sheet.getHeight());
        for (int i = 0; i < 5; i++) {
            BufferedImage image = ImageIO.read(each.resolve("0000" + i + ".png").toFile());
            assertEquals(
                    List.of(6, 8, 3),
                    List.of(
                            image.getWidth(),
                            image.getHeight(),
                            image.getRaster().getNumBands()));
            for (int k = 0; k < 8 * 6 * 3; k++) {
                int y = k / 3 / 6;
                int x = k / 3 % 6;
                int want = Math.round((values[i * 8 * 6 * 3 + k] + 1) * 127.5f);
                assertEquals(want, image.getRaster().getSample(x, y, k % 3), "image " + i);
                int tileX = 2 + i % 3 * (6 * zoom + 2);
                int tileY = 2 + i / 3 * (8 * zoom + 2);
                assertEquals(want, sheet.getRaster().getSample(tileX + x * zoom, tileY + y * zoom, k % 3), "tile " + i);
            }
        }
    }

    @Test
    void aCheckpointFolderIsAsGoodAsItsRun() throws IOException {
        assertArrayEquals(npy(run), npy(checkpoint));
    }

    @Test
    void emaAndRawAreTheTwoFiles() throws IOException {
        byte[] ema = npy(run);
        byte[] raw = npy(run, "--weights", "raw");
        assertFalse(Arrays.equals(ema, raw));

        Files.copy(checkpoint.resolve(Checkpoint.MODEL), folder.resolve("kept"));
        Files.delete(checkpoint.resolve(Checkpoint.MODEL));
        assertArrayEquals(ema, npy(checkpoint), "only the needed file is read");
        Files.move(folder.resolve("kept"), checkpoint.resolve(Checkpoint.EMA), StandardCopyOption.REPLACE_EXISTING);
        assertArrayEquals(raw, npy(checkpoint));
    }

    /** What PyTorch's save_file writes is the weights and nothing else. */
    @Test
    void weightsFromElsewhereNeedOnlyAConfiguration() throws IOException {
        byte[] want = npy(run, "--weights", "raw");
        Path foreign = Files.createDirectory(folder.resolve("foreign"));
        Files.copy(checkpoint.resolve(Checkpoint.MODEL), foreign.resolve(Checkpoint.MODEL));

        fails(ExitCode.FAILURE, sample(foreign, "--weights", "raw"), "there is no config.yaml", "preset: mnist");
        Files.copy(run.resolve("config.yaml"), foreign.resolve("config.yaml"));
        assertArrayEquals(want, npy(foreign, "--weights", "raw"));
        fails(ExitCode.FAILURE, sample(foreign), foreign + " is a checkpoint without ema.safetensors", "--weights raw");
    }

    @Test
    void aRunWithoutConfigurationIsNamed() throws IOException {
        Files.delete(run.resolve("config.yaml"));
        fails(
                ExitCode.FAILURE,
                sample(run),
                "has no config.yaml",
                run.resolve("config.yaml").toString());
    }

    @Test
    void weightsThatDoNotFitAreNamedByTheirFile() throws IOException {
        Path ema = checkpoint.resolve(Checkpoint.EMA);
        Map<String, HostTensor> weights =
                new LinkedHashMap<>(Safetensors.read(ema).tensors());
        weights.put("conv_in.bias", HostTensor.f32(new long[] {8}, new float[] {0, 0, Float.NaN, 0, 0, 0, 0, 0}));
        Safetensors.write(ema, weights, Map.of());
        fails(
                ExitCode.FAILURE,
                sample(run),
                ema + " does not fit the model's",
                "1 tensor with NaN or infinite values ('conv_in.bias' has 1 of 8); take an earlier checkpoint");
        weights.remove("conv_in.bias");
        Safetensors.write(ema, weights, Map.of());
        fails(ExitCode.FAILURE, sample(run), ema + " does not fit", "1 tensor missing ('conv_in.bias')");
        Files.write(ema, new byte[12]);
        fails(ExitCode.FAILURE, sample(run), ema + ": ");
    }

    /** Finite weights, and yet the images are not. */
    @Test
    void imagesThatAreNotNumbersAreNotWritten() throws IOException {
        Path ema = checkpoint.resolve(Checkpoint.EMA);
        Map<String, HostTensor> weights =
                new LinkedHashMap<>(Safetensors.read(ema).tensors());
        HostTensor last = weights.get("conv_out.weight");
        float[] huge = last.toFloats();
        Arrays.fill(huge, 3e38f);
        weights.put("conv_out.weight", HostTensor.f32(last.shape(), huge));
        Safetensors.write(ema, weights, Map.of());
        Path file = folder.resolve("a.npy");
        fails(ExitCode.FAILURE, sample(run, "--npy", file.toString()), "take an earlier checkpoint");
        assertFalse(Files.exists(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--grid", "--npy", "--trajectory", "--out"})
    void whereItCannotWriteItDoesNotBegin(String option) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        String name = option.equals("--npy") ? "a.npy" : "a.png";
        CommandRun done = sample(run, option, file.resolve(name).toString());
        fails(ExitCode.FAILURE, done, option + " " + file.resolve(name), "cannot be created");
        assertEquals("", done.out());
    }

    @Test
    void moreStepsThanTheScheduleHasAreBadUsage() {
        fails(ExitCode.USAGE, sample(run, "--sample-steps", "21"), "must be from 1 to the 20 of diffusion.timesteps");
        fails(ExitCode.USAGE, sample(run, "--count", "2000000000"), "--count 2000000000", "-Xmx");
    }

    @Test
    void saysWhatItDraws() throws IOException {
        CommandRun done = sample(
                run,
                "--count",
                "3",
                "--batch",
                "2",
                "--grid",
                folder.resolve("g.png").toString());
        assertEquals("", done.err());
        List<String> lines =
                done.out().lines().filter(l -> !l.startsWith("device: ")).toList();
        assertEquals("drawing 3 images 8x6x1 from " + checkpoint.resolve(Checkpoint.EMA), lines.get(0));
        assertEquals("ddim, 4 steps, trailing, eta=1.0, clipped, seed 0", lines.get(1));
        assertTrue(done.out().contains("step 8/8  batch 2/2  in "), done.out());
        assertEquals("wrote " + folder.resolve("g.png"), lines.get(lines.size() - 2));

        done = sample(
                run,
                "--count",
                "1",
                "--sampler",
                "ddpm",
                "--grid",
                folder.resolve("g.png").toString());
        assertTrue(done.out().contains("ddpm, 20 steps, trailing, clipped, seed 0"), done.out());
    }

    @Test
    void theTrajectoryEndsWithTheImages() throws IOException {
        Path way = folder.resolve("way.png");
        float[] images = values(npy(run, "--trajectory", way.toString(), "--sample-steps", "4", "--count", "9"));
        BufferedImage sheet = ImageIO.read(way.toFile());
        int zoom = 7;
        int tileW = 6 * zoom + 2;
        int tileH = 8 * zoom + 2;
        assertEquals(5 * tileW + 2, sheet.getWidth(), "four steps and the image");
        int strip = 5 * 2 + 2;
        assertEquals(strip + 2 * 8 * tileH + 2, sheet.getHeight(), "labels; eight of nine images, two rows each");
        for (int i = 0; i < 8; i++) {
            for (int k = 0; k < 8 * 6; k++) {
                int want = Math.round((images[i * 8 * 6 + k] + 1) * 127.5f);
                int x = 2 + 4 * tileW + k % 6 * zoom;
                int y = strip + 2 + 2 * i * tileH + k / 6 * zoom;
                assertEquals(want, sheet.getRaster().getSample(x, y, 0), "image " + i);
                assertEquals(want, sheet.getRaster().getSample(x, y + tileH, 0), "its estimate " + i);
            }
        }
        assertFalse(column(sheet, 0, tileW).equals(column(sheet, 3, tileW)));
        // steps of 20 timesteps, four of them from t=19: the strip is that of these labels
        BufferedImage plain = sheet.getSubimage(0, strip, sheet.getWidth(), sheet.getHeight() - strip);
        BufferedImage want = ColumnLabels.above(plain, 5, List.of("t=19", "t=14", "t=9", "t=4", "x0"), 2);
        for (int y = 0; y < strip; y++) {
            for (int x = 0; x < sheet.getWidth(); x++) {
                assertEquals(
                        want.getRaster().getSample(x, y, 0), sheet.getRaster().getSample(x, y, 0), x + "," + y);
            }
        }
    }

    private static List<Integer> column(BufferedImage sheet, int column, int tileW) {
        List<Integer> values = new ArrayList<>();
        for (int y = 0; y < sheet.getHeight(); y++) {
            values.add(sheet.getRaster().getSample(3 + column * tileW, y, 0));
        }
        return values;
    }

    @Test
    void theAnimationHasAFrameForEachStepAndRestsAtTheEnd() throws IOException {
        Path way = folder.resolve("way.gif");
        npy(run, "--trajectory", way.toString());
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (ImageInputStream in = ImageIO.createImageInputStream(way.toFile())) {
            reader.setInput(in);
            assertEquals(4 + 1, reader.getNumImages(true));
            assertEquals("6", delay(reader, 0));
            assertEquals("200", delay(reader, 4), "hundredths of a second");
            assertEquals(5 * (6 * 7 + 2) + 2, reader.getWidth(0));
            assertEquals(5 * 2 + 2 + 2 * (8 * 7 + 2) + 2, reader.getHeight(0), "t above the images");
        }
    }

    private static String delay(ImageReader reader, int frame) throws IOException {
        IIOMetadataNode root =
                (IIOMetadataNode) reader.getImageMetadata(frame).getAsTree("javax_imageio_gif_image_1.0");
        IIOMetadataNode control = (IIOMetadataNode)
                root.getElementsByTagName("GraphicControlExtension").item(0);
        return control.getAttribute("delayTime");
    }
}
