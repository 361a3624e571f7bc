package ddpm.data.source;

import static ddpm.data.DataFiles.assertSays;
import static ddpm.data.DataFiles.idx;
import static ddpm.data.DataFiles.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataFiles;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.fetch.DownloadProgress;
import ddpm.data.fetch.TerminalProgress;
import ddpm.disk.ByteCount;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSourcesTest {
    @TempDir
    Path home;

    private ImageSet load(String source) {
        return DataSources.load(DataSpec.of(source), DataFiles.environment(home));
    }

    @Test
    void anUnknownSourceSaysWhatIsAccepted() {
        assertSays(
                () -> load("mnits"),
                "unknown data source 'mnits': no such file or folder",
                "accepted are mnist, glyphs, textures, a folder of PNG, JPEG, GIF, BMP, WebP or TIFF images");
        assertSays(() -> load("a\0b"), "holds a NUL character, which no name can", "accepted are mnist");
        assertSays(() -> DataSpec.of(" "), "no data source given", "accepted are mnist");
    }

    @Test
    void anArchiveIsToBeUnpacked() throws IOException {
        Path file = write(home.resolve("cifar.tar"), new byte[10]);
        assertSays(() -> load(file.toString()), file + ": is an archive; unpack it");
    }

    private Optional<ImageSet> heldOut(String source) {
        return DataSources.heldOut(DataSpec.of(source), 30, DataFiles.environment(home));
    }

    /** By the name of the training file; a folder of pictures keeps nothing apart. */
    @Test
    void testImagesAreHeldOut() throws IOException {
        Path training = write(home.resolve("set/train-images-idx3-ubyte"), idx(2, 2, 2));
        assertTrue(heldOut(home.resolve("set").toString()).isEmpty());
        write(home.resolve("set/t10k-images-idx3-ubyte.gz"), DataFiles.gzip(idx(5, 2, 2)));
        assertEquals(5, heldOut(home.resolve("set").toString()).orElseThrow().count());
        assertEquals(5, heldOut(training.toString()).orElseThrow().count());
        write(home.resolve("other/emnist-letters-train-images-idx3-ubyte"), idx(2, 2, 2));
        write(home.resolve("other/emnist-letters-test-images-idx3-ubyte"), idx(3, 2, 2));
        assertEquals(3, heldOut(home.resolve("other").toString()).orElseThrow().count());
        write(home.resolve("pictures/a.png"), DataFiles.encode(DataFiles.ramp(4, 4, 5), "png"));
        assertTrue(heldOut(home.resolve("pictures").toString()).isEmpty());
    }

    /** Of a set that is drawn, drawings that are not in it. */
    @Test
    void otherDrawingsAreHeldOut() {
        ImageSet other = heldOut("glyphs").orElseThrow();
        assertEquals(30, other.count());
        assertEquals(10, other.classes().names().size());
        byte[] first = DataSources.load(DataSpec.of("glyphs").withCount(30), DataFiles.environment(home))
                .images()[0];
        assertFalse(Arrays.equals(first, other.images()[0]));
    }

    @Test
    void tildeIsTheHomeFolder() throws IOException {
        write(home.resolve("set/train-images-idx3-ubyte"), idx(2, 2, 2));
        assertEquals(2, load("~/set").count());
    }

    @Test
    void sizesAndChannelsAsText() {
        assertEquals(Optional.of(new ImageSize(28, 20)), ImageSize.parse("28x20"));
        assertEquals(Optional.of(new ImageSize(32, 32)), ImageSize.parse("32"));
        assertEquals("28x20", new ImageSize(28, 20).toString());
        for (String wrong : List.of("", "x", "28x", "28x20x3", "a", "-3", "28,20", "0x5", "5000")) {
            assertEquals(Optional.empty(), ImageSize.parse(wrong), wrong);
        }
        assertEquals(
                List.of(Channels.AUTO, Channels.GREY, Channels.RGB),
                List.of(Channels.parse("auto"), Channels.parse("1"), Channels.parse("3")));
        assertSays(() -> Channels.parse("4"), "channels '4' is not one of auto, 1, 3");
        assertSays(() -> DataSpec.of("glyphs").withCount(-1), "data count -1 is negative");
    }

    @Test
    void bytesInWords() {
        long[] bytes = {0, 1, 999, 1000, 9_949, 9_950, 999_499, 999_500, 47_040_000, 3_000_000_000L};
        String[] text = {
            "0 bytes", "1 byte", "999 bytes", "1.0 kB", "9.9 kB", "10 kB", "999 kB", "1.0 MB", "47 MB", "3.0 GB"
        };
        for (int i = 0; i < bytes.length; i++) {
            assertEquals(text[i], ByteCount.text(bytes[i]));
        }
    }

    @Test
    void aSetKnowsItsBytesAndChecksThem() {
        ImageSet set = new ImageSet("here", 2, 3, 1, new byte[60_000][6], List.of());
        assertEquals(360_000, set.bytes());
        assertEquals("60,000 images 2x3x1 from here, 360 kB", set.describe());
        assertSays(
                () -> new ImageSet("here", 2, 3, 1, new byte[][] {new byte[6], new byte[5]}, List.of()),
                "here: image 1 holds 5 bytes, but 2x3x1 needs 6");
    }

    @Test
    void progressIsALinePerFileOffTheTerminal() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8);
        for (boolean terminal : new boolean[] {false, true}) {
            DownloadProgress progress = new TerminalProgress(out, terminal);
            progress.start("a.gz", "host", 2_000_000, 9_900_000);
            progress.at(5_000_000);
            progress.end();
        }
        String[] lines = text.toString(StandardCharsets.UTF_8).split("\n", 2);
        assertEquals("downloading a.gz (9.9 MB) from host, resuming at 2.0 MB", lines[0].strip());
        assertTrue(lines[1].contains("a.gz") && lines[1].contains("5/9 MB"), lines[1]);
    }
}
