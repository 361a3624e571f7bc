package ddpm.data.source;

import static ddpm.data.DataFiles.assertSays;
import static ddpm.data.DataFiles.encode;
import static ddpm.data.DataFiles.ramp;
import static ddpm.data.DataFiles.write;
import static java.awt.image.BufferedImage.TYPE_3BYTE_BGR;
import static java.awt.image.BufferedImage.TYPE_BYTE_GRAY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.Invocation;
import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataFiles;
import ddpm.data.DataReport;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.MemoryBudget;
import ddpm.data.Rejected;
import ddpm.data.files.SampleFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
    @TempDir
    Path folder;

    private ImageSet load(DataSpec spec) {
        return DataSources.load(spec, DataFiles.environment(folder));
    }

    private DataSpec here() {
        return DataSpec.of(folder.toString());
    }

    /** A flat grey PNG. */
    private static byte[] flat(int h, int w, int value) throws IOException {
        BufferedImage image = new BufferedImage(w, h, TYPE_BYTE_GRAY);
        int[] row = new int[h * w];
        Arrays.fill(row, value);
        image.getRaster().setPixels(0, 0, w, h, row);
        return encode(image, "png");
    }

    @Test
    void orderIsThatOfTheRelativePaths() throws IOException {
        String[] sorted = {"B.png", "a.PNG", "a/1.png", "a/10.png", "a/2.png", "b/c/d.png", "z.png"};
        for (int i : new int[] {3, 0, 6, 2, 5, 1, 4}) {
            write(folder.resolve(sorted[i]), flat(2, 3, 10 * i));
        }
        write(folder.resolve(".hidden.png"), flat(2, 3, 99));
        write(folder.resolve(".cache/x.png"), flat(2, 3, 99));
        write(folder.resolve("readme.txt"), new byte[] {1});
        ImageSet set = load(here());
        assertEquals(sorted.length, set.count());
        for (int i = 0; i < sorted.length; i++) {
            assertEquals(10 * i, set.images()[i][0] & 255, sorted[i]);
        }
        assertEquals(
                "7 images 2x3x1 from " + folder
                        + ", 42 bytes\nlabels of 2 classes; left out: 1 .txt, 1 hidden, 1 hidden"
                        + " folder\nlabels: 3 lie in no folder of a class (B.png, a.PNG, z.png)",
                set.describe());
    }

    @Test
    void everyFormatAndAnyEnding() throws IOException {
        for (String format : List.of("png", "jpeg", "gif", "bmp")) {
            write(folder.resolve("a." + format), encode(ramp(6, 6, TYPE_3BYTE_BGR), format));
        }
        write(folder.resolve("really-a-png.jpg"), flat(6, 6, 1));
        assertEquals(5, load(here()).count());
    }

    @Test
    void channelsAuto() throws IOException {
        write(folder.resolve("a.png"), flat(2, 2, 50));
        BufferedImage greyInRgb = new BufferedImage(2, 2, TYPE_3BYTE_BGR);
        greyInRgb.setRGB(0, 0, 0x070707);
        write(folder.resolve("b.png"), encode(greyInRgb, "png"));
        ImageSet grey = load(here());
        assertEquals(1, grey.channels(), "every image is grey");
        assertArrayEquals(new byte[] {7, 0, 0, 0}, grey.images()[1]);

        greyInRgb.setRGB(1, 1, 0x0000FF);
        write(folder.resolve("c.png"), encode(greyInRgb, "png"));
        ImageSet mixed = load(here());
        assertEquals(3, mixed.channels(), "one image has a blue pixel");
        assertArrayEquals(new byte[] {50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50}, mixed.images()[0]);

        assertEquals(1, load(here().withChannels(Channels.GREY)).channels());
        assertArrayEquals(
                new byte[] {7, 0, 0, 29},
                load(here().withChannels(Channels.GREY)).images()[2]);
    }

    @Test
    void oneSizeOrAnErrorWithTheMostCommonOne() throws IOException {
        write(folder.resolve("a.png"), flat(4, 6, 1));
        write(folder.resolve("b.png"), flat(5, 7, 2));
        write(folder.resolve("c.png"), flat(5, 7, 3));
        write(folder.resolve("broken.png"), new byte[] {1, 2, 3});
        assertSays(
                () -> load(here()),
                folder + ": the images have 2 different sizes, e.g. a.png is 4x6 and b.png is 5x7",
                "--size 5x7");
        ImageSet set = load(here().withSize(new ImageSize(3, 2)));
        assertEquals("3x2", set.height() + "x" + set.width());
        assertEquals(3, set.count());
    }

    @Test
    void tooLargeWithoutASize() throws IOException {
        write(folder.resolve("a.png"), flat(1, 5000, 1));
        assertSays(() -> load(here()), "the images are 1x5000", "larger than 4096", "--size 64");
        assertEquals(1, load(here().withSize(new ImageSize(1, 8))).count());
    }

    @Test
    void unusableFilesAreSkippedCountedAndNamed() throws IOException {
        write(folder.resolve("good.png"), flat(2, 2, 1));
        write(folder.resolve("d/cut.png"), Arrays.copyOf(encode(ramp(40, 40, TYPE_3BYTE_BGR), "png"), 200));
        write(folder.resolve("empty.jpg"), new byte[0]);
        write(folder.resolve("new.webp"), SampleFiles.file("a.avif"));
        write(folder.resolve("text.gif"), "hello".getBytes(StandardCharsets.UTF_8));
        write(folder.resolve("z.bmp"), "BM".getBytes(StandardCharsets.UTF_8));
        ImageSet set = load(here().withSize(new ImageSize(2, 2)));
        assertEquals(1, set.count());
        assertEquals(
                List.of("d/cut.png", "empty.jpg", "new.webp", "text.gif", "z.bmp"),
                set.rejected().stream().map(Rejected::file).toList());
        String[] lines = set.describe().split("\n");
        assertEquals(2, lines.length);
        assertEquals(
                "5 files rejected: d/cut.png (" + set.rejected().get(0).reason()
                        + "), empty.jpg (the file is empty), new.webp (AVIF is not supported, convert it to PNG)"
                        + " and 2 more",
                lines[1]);
    }

    @Test
    void nothingUsable() throws IOException {
        assertSays(
                () -> load(here()),
                folder + ": the folder is empty",
                "accepted are PNG, JPEG, GIF, BMP, WebP and TIFF");
        write(folder.resolve("a.txt"), new byte[1]);
        write(folder.resolve("b.txt"), new byte[1]);
        write(folder.resolve("LICENSE"), new byte[1]);
        assertSays(() -> load(here()), "no usable image; found other files: 2 .txt, 1 without ending", "accepted are");
        write(folder.resolve("c.png"), new byte[1]);
        assertSays(() -> load(here()), "1 file rejected: c.png (its content is not PNG");
        write(folder.resolve("raw/train-images-idx3-ubyte.gz"), new byte[1]);
        assertSays(() -> load(here()), "1 MNIST-style in " + folder.resolve("raw") + " (give that folder)");
    }

    @Test
    void followsLinksButNotInCircles() throws IOException {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        write(elsewhere.resolve("a.png"), flat(2, 2, 1));
        Path set = Files.createDirectories(folder.resolve("set"));
        Files.createSymbolicLink(set.resolve("cats"), elsewhere);
        Files.createSymbolicLink(set.resolve("up"), set);
        ImageSet found = load(DataSpec.of(set.toString()));
        assertEquals(1, found.count());
        assertEquals("up", found.rejected().get(0).file());
    }

    @Test
    void stopsBeforeTheHeapIsFull() throws IOException {
        for (int i = 0; i < 20; i++) {
            write(folder.resolve(i + ".png"), flat(10, 10, i));
        }
        MemoryBudget small = new MemoryBudget(folder.toString(), 1500);
        assertSays(() -> ImageFolder.read(folder, here(), small), folder + ": the decoded images need more", "--size");
    }

    @Test
    void everyFileIsReadOrNamed() throws IOException {
        byte[] png = flat(24, 40, 9);
        for (String name : List.of("a.png", "without", "b.PNG.bak", "c.jfif", "d.txt")) {
            write(folder.resolve(name), png);
        }
        write(folder.resolve("e.png"), new byte[0]);
        write(folder.resolve("f"), new byte[0]);
        write(
                folder.resolve("g.txt"),
                "BMW, not a bitmap, and long enough for a header".getBytes(StandardCharsets.UTF_8));
        write(folder.resolve("h.dat"), SampleFiles.file("a.avif"));
        write(folder.resolve(".i.png"), png);
        Files.createSymbolicLink(folder.resolve("j.png"), folder.resolve("gone.png"));
        Files.createSymbolicLink(folder.resolve("k"), folder.resolve("gone"));
        ImageSet set = load(here());
        assertEquals(5, set.count());
        assertEquals(
                List.of(
                        new Rejected("e.png", "the file is empty"),
                        new Rejected("h.dat", "AVIF is not supported, convert it to PNG"),
                        new Rejected("j.png", "a link to nowhere"),
                        new Rejected("k", "a link to nowhere")),
                set.rejected());
        assertEquals(
                List.of(new Rejected(".i.png", "hidden"), new Rejected("f", "empty"), new Rejected("g.txt", ".txt")),
                set.notes().leftOut());
        List<String> report = DataReport.lines(set);
        for (String line : List.of("rejected  4:", "  j.png: a link to nowhere", "left out  3:", "  g.txt: .txt")) {
            assertTrue(report.contains(line), line + " is not in " + report);
        }
    }

    @Test
    void onlyABrokenLink() throws IOException {
        Files.createSymbolicLink(folder.resolve("a.png"), folder.resolve("gone.png"));
        assertSays(() -> load(here()), "1 file rejected: a.png (a link to nowhere)");
    }

    @Test
    void namesAreShownOnOneLineAndObeyedByNoTerminal() throws IOException {
        write(folder.resolve("a.png"), flat(2, 2, 1));
        write(folder.resolve("b\nrejected nothing.png"), new byte[0]);
        write(folder.resolve("c\u001b[31m\t\u202e.txt"), new byte[1]);
        List<String> report = DataReport.lines(load(here()));
        assertTrue(report.contains("  b\\nrejected nothing.png: the file is empty"), report.toString());
        assertTrue(report.contains("  c\\u001b[31m\\t\\u202e.txt: .txt"), report.toString());
        Path odd = folder.resolve("x\ny");
        write(odd.resolve("a.png"), flat(2, 2, 1));
        ImageSet set = load(DataSpec.of(odd.toString()));
        assertEquals(1, set.describe().lines().count());
        Files.delete(odd.resolve("a.png"));
        assertSays(() -> load(DataSpec.of(odd.toString())), "x\\ny: the folder is empty");
    }

    @Test
    void whatWasDoneToImagesIsCounted() throws IOException {
        for (String name : List.of("exif.jpg", "exif.webp", "exif.png")) {
            write(folder.resolve(name), SampleFiles.file(name));
        }
        assertEquals("40x24", load(here()).height() + "x" + load(here()).width(), "they lie on their side in the file");
        for (String name : List.of("cmyk-red.jpg", "anim.gif", "rgba.png", "small-frame-8x8.gif")) {
            write(folder.resolve(name), SampleFiles.file(name));
        }
        ImageSet set = load(here().withSize(new ImageSize(8, 8)));
        assertEquals(
                "3 turned upright as their EXIF says; 1 converted from CMYK; 1 animated or of several pages, of which"
                        + " the first is taken; 1 laid on white where transparent",
                set.describe().lines().skip(1).findFirst().orElseThrow());
        assertTrue(DataReport.lines(set).contains("note      3 turned upright as their EXIF says"));
    }

    @Test
    void anImageThatTheHeapCannotHoldIsNamed() throws IOException {
        Path large = write(folder.resolve("large.png"), flat(500, 500, 1));
        write(folder.resolve("small.png"), flat(4, 4, 1));
        MemoryBudget enough = new MemoryBudget(folder.toString(), 1_000_000_000);
        DataSpec spec = here().withSize(new ImageSize(4, 4));
        assertSays(
                () -> new ImageFolder(FolderListing.of(folder), spec, enough, 1_000_000).read(),
                large + ": an image of 500x500 (height x width) takes 1.8 MB while it is decoded, more than the 1.0 MB"
                        + " that Java may use; give Java more memory with "
                        + Invocation.withJava("-Xmx66m"));
    }
}
