package ddpm.data.source;

import static ddpm.data.DataFiles.assertSays;
import static ddpm.data.DataFiles.gzip;
import static ddpm.data.DataFiles.header;
import static ddpm.data.DataFiles.idx;
import static ddpm.data.DataFiles.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataFiles;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.MemoryBudget;
import ddpm.data.files.SampleFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdxImagesTest {
    @TempDir
    Path folder;

    private ImageSet load(DataSpec spec) {
        return DataSources.load(spec, DataFiles.environment(folder));
    }

    private ImageSet load(Path source) {
        return load(DataSpec.of(source.toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train-images-idx3-ubyte",
                "train-images.idx3-ubyte",
                "emily-letters-train-images-idx3-ubyte",
                "t10k-images-idx3-ubyte"
            })
    void readsPlainAndPackedFiles(String name) throws IOException {
        for (boolean packed : new boolean[] {false, true}) {
            Path set = folder.resolve(packed ? "packed" : "plain");
            byte[] content = idx(5, 4, 3);
            String file = name + (packed ? ".gz" : "");
            write(set.resolve(file), packed ? gzip(content) : content);
            ImageSet images = load(set);
            assertEquals(5, images.count());
            assertEquals("4x3x1", images.height() + "x" + images.width() + "x" + images.channels());
            assertArrayEquals(new byte[] {28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39}, images.images()[4]);
            assertEquals("5 images 4x3x1 from " + set + " (" + file + "), 60 bytes", images.describe());
            assertArrayEquals(images.images(), load(set.resolve(file)).images(), "the path of the file itself");
        }
    }

    @Test
    void takesTheTrainingImages() throws IOException {
        write(folder.resolve("t10k-images-idx3-ubyte"), idx(1, 2, 2));
        write(folder.resolve("train-images-idx3-ubyte.gz"), gzip(idx(2, 2, 2)));
        write(folder.resolve("train-images.idx3-ubyte"), idx(2, 2, 2));
        write(
                folder.resolve("train-labels-idx1-ubyte"),
                header(2049, 2, 0, 0, 0).array());
        assertEquals(2, load(folder).count());
    }

    @Test
    void asksWhichOfSeveralSets() throws IOException {
        write(folder.resolve("emnist-digits-train-images-idx3-ubyte"), idx(1, 2, 2));
        write(folder.resolve("emnist-letters-train-images-idx3-ubyte"), idx(1, 2, 2));
        assertSays(
                () -> load(folder),
                "several image sets (emnist-digits-train-images-idx3-ubyte, emnist-letters-train-images-idx3-ubyte)",
                "give the path of one of these files");
    }

    @Test
    void turnsEmnistUpright() throws IOException {
        Path file = write(folder.resolve("emnist-digits-train-images-idx3-ubyte"), idx(1, 2, 3));
        ImageSet images = load(file);
        assertEquals("3x2", images.height() + "x" + images.width());
        assertArrayEquals(new byte[] {0, 3, 1, 4, 2, 5}, images.images()[0]);
    }

    @Test
    void resizesAndWidens() throws IOException {
        Path file = write(folder.resolve("train-images-idx3-ubyte"), idx(3, 4, 4));
        ImageSet images =
                load(DataSpec.of(file.toString()).withSize(new ImageSize(2, 2)).withChannels(Channels.RGB));
        // the mean of 0,1,4,5 is 2.5, which rounds up
        assertArrayEquals(new byte[] {3, 3, 3, 5, 5, 5, 11, 11, 11, 13, 13, 13}, images.images()[0]);
        assertEquals(3, images.channels());
    }

    @Test
    void wrongMagic() throws IOException {
        Path file = write(
                folder.resolve("train-images-idx3-ubyte"),
                header(1234, 1, 2, 2, 4).array());
        assertSays(
                () -> load(folder), file + ": is not an IDX image file", "2051 expected, found 1234", "fetch it again");
    }

    @Test
    void labelsInsteadOfImages() throws IOException {
        Path file = write(
                folder.resolve("train-labels-idx1-ubyte"),
                header(2049, 8, 0, 0, 0).array());
        assertSays(() -> load(file), "holds labels (magic 2049)", "expected images (magic 2051)", "-images-idx3-ubyte");
    }

    @Test
    void shorterThanAHeader() throws IOException {
        Path file = write(folder.resolve("train-images-idx3-ubyte"), Arrays.copyOf(idx(1, 2, 2), 7));
        assertSays(() -> load(folder), file + ": holds 7 bytes", "16 of an IDX header", "fetch it again");
        write(file, new byte[0]);
        assertSays(() -> load(folder), file + ": holds 0 bytes");
    }

    @Test
    void truncated() throws IOException {
        Path file = write(folder.resolve("train-images-idx3-ubyte"), Arrays.copyOf(idx(5, 4, 4), 90));
        assertSays(
                () -> load(folder),
                file + ": its header promises 5 images of 4x4 (96 bytes), but the file holds 90 bytes",
                "fetch it again");
    }

    @Test
    void packedFileHoldsLessThanItsHeaderSays() throws IOException {
        Path file = write(folder.resolve("train-images-idx3-ubyte.gz"), gzip(Arrays.copyOf(idx(5, 4, 4), 90)));
        assertSays(() -> load(folder), file + ": its header promises 5 images", "the file ends in image 4");
    }

    @Test
    void packedFileCutShort() throws IOException {
        byte[] packed = gzip(idx(500, 8, 8));
        for (int length : new int[] {3, 12, packed.length / 2, packed.length - 1}) {
            Path file = write(folder.resolve("train-images-idx3-ubyte.gz"), Arrays.copyOf(packed, length));
            assertSays(() -> load(folder), file + ": the gzip file is cut short", "fetch it again");
        }
    }

    @Test
    void packedFileBroken() throws IOException {
        byte[] packed = gzip(idx(500, 8, 8));
        packed[packed.length - 6] ^= 1; // in the CRC, which the last read compares
        Path file = write(folder.resolve("train-images-idx3-ubyte.gz"), packed);
        assertSays(() -> load(folder), file + ": broken gzip data", "fetch it again");
    }

    @Test
    void surplusBytes() throws IOException {
        byte[] longer = Arrays.copyOf(idx(2, 3, 3), 16 + 18 + 1);
        Path file = write(folder.resolve("train-images-idx3-ubyte"), longer);
        assertSays(() -> load(file), "(34 bytes), but the file holds 35 bytes");
        Path packed = write(folder.resolve("train-images-idx3-ubyte.gz"), gzip(longer));
        assertSays(() -> load(packed), "holds more than the 2 images of 3x3");
    }

    @Test
    void believesNoAbsurdHeader() throws IOException {
        int[][] lies = {{Integer.MAX_VALUE, 4096, 4096}, {60_000, 4096, 4096}, {Integer.MAX_VALUE, 1, 1}};
        for (int[] lie : lies) {
            byte[] content = header(2051, lie[0], lie[1], lie[2], 100).array();
            Path plain = write(folder.resolve("a"), content);
            assertSays(() -> load(plain), "its header promises", "but the file holds 116 bytes");
            Path packed = write(folder.resolve("b"), gzip(content));
            assertSays(() -> load(packed), "its header promises", "the file can hold at most");
        }
        int[][] nonsense = {{0, 28, 28}, {-1, 28, 28}, {1, 0, 28}, {1, 28, -5}, {1, 5000, 1}, {1, 1, 1 << 30}};
        for (int[] lie : nonsense) {
            Path file = write(
                    folder.resolve("c"),
                    header(2051, lie[0], lie[1], lie[2], 100).array());
            assertSays(() -> load(file), "its header says " + lie[0] + " images of " + lie[1] + "x" + lie[2]);
        }
    }

    @Test
    void stopsBeforeTheHeapIsFull() throws IOException {
        Path file = write(folder.resolve("train-images-idx3-ubyte"), idx(10, 10, 10));
        DataSpec spec = DataSpec.of(file.toString());
        assertEquals(
                10, IdxImages.read(file, "x", spec, new MemoryBudget("x", 1000)).count());
        assertSays(
                () -> IdxImages.read(file, "x", spec, new MemoryBudget("the set", 999)),
                "the set: the decoded images need more than the 999 bytes",
                "smaller --size",
                "-Xmx");
    }

    @ParameterizedTest
    @CsvSource({
        "0x0D03, float32 values (type 0x0D) in 3 dimensions",
        "0x0903, signed byte values (type 0x09) in 3 dimensions",
        "0x0C01, int32 values (type 0x0C) in 1 dimension;",
        "0x0804, unsigned byte values (type 0x08) in 4 dimensions"
    })
    void otherTypesAndRanksAreNamed(String magic, String what) throws IOException {
        byte[] content = header(Integer.decode(magic), 1, 2, 2, 40).array();
        Path plain = write(folder.resolve("train-images-idx3-ubyte"), content);
        assertSays(() -> load(folder), plain + ": an IDX file of " + what, "images are read as unsigned bytes");
        Path packed = write(folder.resolve("x.gz"), gzip(content));
        assertSays(() -> load(packed), packed + ": an IDX file of " + what);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rgb.png", "b.jpg", "a.gif", "1.bmp", "lossy.webp", "1.tif", "a.avif"})
    void oneImageGivenAsData(String name) throws IOException {
        Path file = write(folder.resolve(name), SampleFiles.file(name));
        assertSays(() -> load(file), file + ": is one image", "give the folder that holds it: " + folder);
    }

    @Test
    void otherFilesAreNamed() throws IOException {
        Path numpy = write(folder.resolve("x.npy"), SampleFiles.ascii("\u0093NUMPY and more than 16 bytes"));
        assertSays(() -> load(numpy), numpy + ": is a NumPy file; unpack or convert it");
        Path zip = write(folder.resolve("x"), SampleFiles.ascii("PK\u0003\u0004 and more than 16 bytes"));
        assertSays(() -> load(zip), zip + ": is a zip archive; unpack");
    }

    @Test
    void whatLiesBesideIsNamed() throws IOException {
        write(folder.resolve("train-images-idx3-ubyte"), idx(2, 2, 2));
        write(folder.resolve("t10k-images-idx3-ubyte"), idx(1, 2, 2));
        write(folder.resolve("train-labels-idx1-ubyte"), new byte[1]);
        write(folder.resolve("a.png"), SampleFiles.file("rgb.png"));
        assertEquals(
                "left out: 1 other file, 1 other image file",
                load(folder).describe().lines().skip(1).findFirst().orElseThrow());
    }
}
