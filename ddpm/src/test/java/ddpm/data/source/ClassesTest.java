package ddpm.data.source;

import static ddpm.data.DataFiles.encode;
import static ddpm.data.DataFiles.gzip;
import static ddpm.data.DataFiles.idx;
import static ddpm.data.DataFiles.ramp;
import static ddpm.data.DataFiles.write;
import static java.awt.image.BufferedImage.TYPE_BYTE_GRAY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.data.Classes;
import ddpm.data.DataDifference;
import ddpm.data.DataFiles;
import ddpm.data.DataReport;
import ddpm.data.DataSpec;
import ddpm.data.Fingerprint;
import ddpm.data.ImageSet;
import ddpm.data.Images;
import ddpm.data.fetch.DownloadProgress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What images show: files of labels, folders of classes, labels.csv, and what is said where they are wrong. */
class ClassesTest {
    @TempDir
    Path folder;

    private ImageSet load() {
        return load(1_000_000_000);
    }

    private ImageSet load(long memory) {
        DataEnvironment environment = new DataEnvironment(
                Map.of(),
                folder.resolve("home"),
                List.of(),
                List.of(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                DownloadProgress.SILENT,
                memory);
        return DataSources.load(DataSpec.of(folder.resolve("set").toString()), environment);
    }

    private void picture(String name) throws IOException {
        write(folder.resolve("set").resolve(name), encode(ramp(6, 5, TYPE_BYTE_GRAY), "png"));
    }

    private void csv(String text) throws IOException {
        Files.writeString(folder.resolve("set").resolve("labels.csv"), text);
    }

    private static byte[] labels(int... labels) {
        ByteBuffer file = ByteBuffer.allocate(8 + labels.length).putInt(2049).putInt(labels.length);
        Arrays.stream(labels).forEach(l -> file.put((byte) l));
        return file.array();
    }

    private static void assertSaid(ImageSet set, String... parts) {
        String all = set.describe();
        for (String part : parts) {
            assertTrue(all.contains(part), () -> "'" + part + "' is not in: " + all);
        }
    }

    // ---- files of labels

    /** Plain and packed, in both spellings; names are the numbers that occur. */
    @Test
    void labelsBesideImages() throws IOException {
        for (String name :
                List.of("train-labels-idx1-ubyte", "train-labels.idx1-ubyte", "train-labels-idx1-ubyte.gz")) {
            write(folder.resolve("set/train-images-idx3-ubyte"), idx(4, 2, 3));
            byte[] file = labels(7, 3, 7, 11);
            write(folder.resolve("set").resolve(name), name.endsWith(".gz") ? gzip(file) : file);
            ImageSet set = load();
            assertEquals(List.of("3", "7", "11"), set.classes().names());
            assertArrayEquals(new int[] {1, 0, 1, 2}, set.classes().of());
            assertArrayEquals(new int[] {1, 2, 1}, set.classes().counts());
            assertSaid(set, "labels of 3 classes");
            assertFalse(set.describe().contains("left out"));
            Files.delete(folder.resolve("set").resolve(name));
        }
        assertFalse(load().classes().known());
    }

    @Test
    void filesOfLabelsThatAreWrongAreNamed() throws IOException {
        Path file = folder.resolve("set/train-labels-idx1-ubyte");
        write(folder.resolve("set/train-images-idx3-ubyte"), idx(4, 2, 3));
        byte[] whole = labels(1, 2, 3, 4);
        Map<byte[], String> wrong = Map.of(
                labels(1, 2, 3), "3 labels for 4 images",
                Arrays.copyOf(whole, 10), "ends after 2 of 4",
                Arrays.copyOf(whole, 13), "more than its 4",
                Arrays.copyOf(whole, 5), "5 bytes",
                idx(1, 2, 2), "does not begin as a file of labels");
        for (Map.Entry<byte[], String> e : wrong.entrySet()) {
            write(file, e.getKey());
            ImageSet set = load();
            assertFalse(set.classes().known());
            assertSaid(set, "labels: " + file + " cannot be used", e.getValue(), "without labels");
        }
    }

    // ---- folders

    @Test
    void oneFolderForEachClass() throws IOException {
        for (String name : List.of("dog/b.png", "cat/a.png", "dog/deep/c.png", "Zebra/z.png")) {
            picture(name);
        }
        ImageSet set = load();
        assertEquals(List.of("Zebra", "cat", "dog"), set.classes().names());
        assertEquals(List.of("Zebra/z.png", "cat/a.png", "dog/b.png", "dog/deep/c.png"), set.files());
        assertArrayEquals(new int[] {0, 1, 2, 2}, set.classes().of());
        picture("stray.png");
        set = load();
        assertSaid(set, "labels: 1 lies in no folder of a class (stray.png)");
        assertEquals(1, set.classes().without());
    }

    /** Numbers are sorted as numbers, and a damaged image takes no label with it. */
    @Test
    void foldersWithNumbers() throws IOException {
        for (String name : List.of("10/a.png", "9/b.png", "2/c.png")) {
            picture(name);
        }
        write(folder.resolve("set/10/broken.png"), new byte[] {1, 2, 3});
        ImageSet set = load();
        assertEquals(List.of("2", "9", "10"), set.classes().names());
        assertArrayEquals(new int[] {2, 0, 1}, set.classes().of()); // of 10/a, 2/c, 9/b
    }

    @Test
    void aFlatFolderAndOneSubfolderAreNoClasses() throws IOException {
        picture("a.png");
        picture("b.png");
        assertFalse(load().classes().known());
        picture("more/c.png");
        assertFalse(load().classes().known());
    }

    // ---- labels.csv

    @Test
    void labelsOfATable() throws IOException {
        for (String name : List.of("x/a.png", "y/b.png", "y/c,d.png", "e.png")) {
            picture(name);
        }
        csv(
                "file, label\nx/a.png,bird\r\n\"y/c,d.png\",\"fish\"\n./y/b.png,bird\n\nnowhere.png,fish\njunk\ny/b.png,fish\n");
        ImageSet set = load();
        assertEquals(List.of("bird", "fish"), set.classes().names());
        assertEquals(List.of("e.png", "x/a.png", "y/b.png", "y/c,d.png"), set.files());
        assertArrayEquals(new int[] {-1, 0, 0, 1}, set.classes().of());
        assertSaid(
                set,
                "labels: 1 has no line in labels.csv (e.png)",
                "labels: 1 in labels.csv but no image that is used (nowhere.png)",
                "labels: 2 of labels.csv not used (line 7 (not file,label), line 8 (y/b.png is bird already))");
        assertFalse(set.describe().contains("left out"));
    }

    // ---- wherever the pixels lie

    @Test
    void theCacheGivesTheSameLabels() throws IOException {
        for (String name : List.of("dog/b.png", "cat/a.png", "dog/c.png")) {
            picture(name);
        }
        Classes want = load().classes();
        for (int i = 0; i < 2; i++) { // written, then found
            ImageSet small = load(10);
            assertTrue(small.pixels() instanceof Images.Mapped);
            assertEquals(want.names(), small.classes().names());
            assertArrayEquals(want.of(), small.classes().of());
            assertEquals(Fingerprint.of(load()).labels(), Fingerprint.of(small).labels());
        }
    }

    @Test
    void drawnImagesHaveLabels() {
        DataEnvironment environment = DataFiles.environment(folder);
        ImageSet glyphs = DataSources.load(DataSpec.of("glyphs").withCount(23), environment);
        assertEquals("0123456789", String.join("", glyphs.classes().names()));
        assertEquals(2, glyphs.classes().of()[22]);
        ImageSet textures = DataSources.load(DataSpec.of("textures").withCount(9), environment);
        assertEquals(8, textures.classes().names().size());
        assertEquals(textures.classes().of()[0], textures.classes().of()[8]);
        assertEquals(
                "stripes", textures.classes().names().get(textures.classes().of()[0]));
    }

    @Test
    void theFingerprintNoticesOtherLabels() {
        ImageSet set = new ImageSet("here", 1, 1, 1, new byte[3][1], List.of());
        Fingerprint one = Fingerprint.of(set.withClasses(new Classes(List.of("a", "b"), new int[] {0, 1, 1})));
        Fingerprint same = Fingerprint.of(set.withClasses(new Classes(List.of("a", "b"), new int[] {0, 1, 1})));
        Fingerprint moved = Fingerprint.of(set.withClasses(new Classes(List.of("a", "b"), new int[] {0, 1, 0})));
        Fingerprint named = Fingerprint.of(set.withClasses(new Classes(List.of("a", "c"), new int[] {0, 1, 1})));
        assertTrue(one.isSame(moved));
        assertFalse(one.hasOtherLabels(same));
        assertTrue(one.hasOtherLabels(moved));
        assertTrue(one.hasOtherLabels(named));
        assertTrue(one.hasOtherLabels(Fingerprint.of(set)));
        assertNotEquals(one.labels(), Fingerprint.of(set).labels());
        assertEquals("the same images with other labels", DataDifference.text(one, moved));
    }

    @Test
    void theReportShowsClassesAndCounts() throws IOException {
        for (String name : List.of("dog/b.png", "cat/a.png", "dog/c.png", "stray.png")) {
            picture(name);
        }
        List<String> lines = DataReport.lines(load());
        assertTrue(
                lines.containsAll(List.of("classes   2:", "  cat: 1 image", "  dog: 2 images", "no label  1")),
                lines + "");
        assertTrue(DataReport.lines(new ImageSet("here", 1, 1, 1, new byte[3][1], List.of()))
                .contains("classes   none: no labels were found"));
    }
}
