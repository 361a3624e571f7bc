package ddpm.data.cache;

import static ddpm.data.DataFiles.assertSays;
import static ddpm.data.DataFiles.encode;
import static ddpm.data.DataFiles.idx;
import static ddpm.data.DataFiles.ramp;
import static ddpm.data.DataFiles.write;
import static java.awt.image.BufferedImage.TYPE_3BYTE_BGR;
import static java.awt.image.BufferedImage.TYPE_BYTE_GRAY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataFiles;
import ddpm.data.DataSpec;
import ddpm.data.Fingerprint;
import ddpm.data.ImageSet;
import ddpm.data.Images;
import ddpm.data.fetch.DownloadProgress;
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.DataSources;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that memory is too small for: the same bytes from a file in the cache. */
class ImageCacheTest {
    @TempDir
    Path home;

    private Path cache;
    private Path folder;

    @BeforeEach
    void paths() throws IOException {
        cache = home.resolve(".cache/ddpm/data/images");
        folder = Files.createDirectory(home.resolve("set"));
    }

    private DataEnvironment environment(long memory, Map<String, String> variables) {
        return new DataEnvironment(
                variables,
                home,
                List.of(),
                List.of(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                DownloadProgress.SILENT,
                memory);
    }

    private ImageSet small(DataSpec spec) {
        return DataSources.load(spec, environment(100, Map.of()));
    }

    private ImageSet large(DataSpec spec) {
        return DataSources.load(spec, environment(1_000_000_000, Map.of()));
    }

    private List<Path> cached() throws IOException {
        if (!Files.exists(cache)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(cache)) {
            return files.toList();
        }
    }

    private void pictures() throws IOException {
        for (int i = 0; i < 5; i++) {
            write(folder.resolve("grey-" + i + ".png"), encode(ramp(9, 5 + i, TYPE_BYTE_GRAY), "png"));
        }
        write(folder.resolve("in/red.png"), encode(ramp(8, 8, TYPE_3BYTE_BGR), "png"));
        write(folder.resolve("z-grey.png"), encode(ramp(8, 8, TYPE_BYTE_GRAY), "png"));
        write(folder.resolve("broken.png"), new byte[] {1, 2, 3});
    }

    private void assertSame(DataSpec spec) throws IOException {
        ImageSet want = large(spec);
        assertEquals(List.of(), cached(), "what memory holds is not written");
        ImageSet got = small(spec);
        assertInstanceOf(Images.Mapped.class, got.pixels());
        assertEquals(
                List.of(want.name(), want.height(), want.width(), want.channels(), want.count()),
                List.of(got.name(), got.height(), got.width(), got.channels(), got.count()));
        assertArrayEquals(want.images(), got.images());
        assertEquals(want.files(), got.files());
        assertEquals(want.rejected(), got.rejected());
        assertEquals(Fingerprint.of(want).checksum(), Fingerprint.of(got).checksum());
        assertEquals(1, cached().size());

        Files.setLastModifiedTime(cached().get(0), FileTime.fromMillis(0));
        ImageSet again = small(spec);
        assertArrayEquals(want.images(), again.images());
        assertEquals(want.rejected(), again.rejected());
        assertEquals(0, Files.getLastModifiedTime(cached().get(0)).toMillis(), "written once");
        Files.delete(cached().get(0));
    }

    @Test
    void holdsTheImagesOfAFolder() throws IOException {
        pictures();
        DataSpec spec = DataSpec.of(folder.toString()).withSize(new ImageSize(6, 7));
        assertSame(spec); // grey ones are widened once a coloured one comes
        assertSame(spec.withChannels(Channels.GREY));
        assertSame(spec.withChannels(Channels.RGB));
        Files.delete(folder.resolve("in/red.png"));
        assertSame(spec);
    }

    @Test
    void holdsImagesOfEverySource() throws IOException {
        write(folder.resolve("train-images-idx3-ubyte"), idx(50, 5, 4));
        assertSame(DataSpec.of(folder.toString()));
        assertSame(DataSpec.of(folder.toString()).withSize(new ImageSize(9, 9)).withChannels(Channels.RGB));
        write(folder.resolve("p/train-images-idx3-ubyte.gz"), DataFiles.gzip(idx(50, 5, 4)));
        assertSame(DataSpec.of(folder.resolve("p").toString()));
        assertSame(DataSpec.of("glyphs").withCount(30));
        assertSame(DataSpec.of("textures").withCount(9).withSize(new ImageSize(8, 6)));
        assertSame(DataSpec.of("textures").withCount(9).withChannels(Channels.GREY));
    }

    /** Found by what is in the files and how it is decoded, not by their place. */
    @Test
    void aMovedSetIsFoundAndAChangedOneIsNot() throws IOException {
        pictures();
        DataSpec spec = DataSpec.of(folder.toString()).withSize(new ImageSize(8, 8));
        small(spec);
        List<Path> first = cached();
        Path moved = Files.move(folder, home.resolve("moved"));
        ImageSet found = small(spec.withSource(moved.toString()));
        assertEquals(moved.toString(), found.name());
        assertEquals(first, cached());
        write(moved.resolve("z-grey.png"), encode(ramp(8, 8, TYPE_3BYTE_BGR), "png"));
        small(spec.withSource(moved.toString()));
        assertEquals(2, cached().size());
        small(spec.withSource(moved.toString()).withSize(new ImageSize(8, 7)));
        assertEquals(3, cached().size());
    }

    @Test
    void aDamagedFileIsWrittenAnewAndThatIsSaid() throws IOException {
        write(folder.resolve("train-images-idx3-ubyte"), idx(50, 5, 4));
        DataSpec spec = DataSpec.of(folder.toString());
        byte[][] want = large(spec).images();
        small(spec);
        Path file = cached().get(0);
        byte[] whole = Files.readAllBytes(file);
        int[] flipped = {0, 9, 17, 25, CacheFile.PIXELS_AT, CacheFile.PIXELS_AT + 999, whole.length - 1};
        for (int at : flipped) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            assertWrittenAnew(spec, file, damaged, want);
        }
        for (int length : new int[] {0, 20, 4095, 4100, whole.length - 1}) {
            assertWrittenAnew(spec, file, Arrays.copyOf(whole, length), want);
        }
    }

    private void assertWrittenAnew(DataSpec spec, Path file, byte[] damaged, byte[][] want) throws IOException {
        Files.write(file, damaged);
        ImageSet got = small(spec);
        assertArrayEquals(want, got.images());
        assertTrue(
                got.notes().lines().get(0).startsWith("cache: " + file + " cannot be used ("),
                got.notes().lines()::toString);
        assertEquals(1, small(spec).notes().lines().size(), "it is whole again");
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamedWithTheRemedy() throws IOException {
        write(folder.resolve("train-images-idx3-ubyte"), idx(50, 5, 4));
        Path file = write(home.resolve("in-the-way"), new byte[1]);
        DataEnvironment blocked = environment(100, Map.of("XDG_CACHE_HOME", file.toString()));
        assertSays(
                () -> DataSources.load(DataSpec.of(folder.toString()), blocked),
                "cannot be kept in " + file.resolve("ddpm/data/images"),
                "free space there",
                "XDG_CACHE_HOME",
                "--size");
        DataEnvironment elsewhere =
                environment(100, Map.of("XDG_CACHE_HOME", home.resolve("x").toString()));
        DataSources.load(DataSpec.of(folder.toString()), elsewhere);
        assertEquals(1, elsewhere.imageCache().entries().size());
        assertEquals(home.resolve("x/ddpm/data/images"), elsewhere.imageCache().folder());
    }

    /** An error of the source is the source's, and leaves nothing behind. */
    @Test
    void aBrokenSourceLeavesNothing() throws IOException {
        write(folder.resolve("train-images-idx3-ubyte.gz"), DataFiles.gzip(Arrays.copyOf(idx(50, 5, 4), 900)));
        assertSays(() -> small(DataSpec.of(folder.toString())), "the file ends in image 44", "fetch it again");
        assertEquals(List.of(), cached());
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndWhatIsBeingWrittenIsNot() throws IOException {
        Path left = write(cache.resolve(".a.1-1.tmp"), new byte[10]);
        Path used = write(cache.resolve(".b.1-1.tmp"), new byte[10]);
        try (FileChannel writer = FileChannel.open(used, StandardOpenOption.WRITE)) {
            writer.lock();
            assertEquals(
                    List.of(left),
                    new ImageCache(cache)
                            .entries().stream().map(ImageCache.Entry::file).toList());
            small(DataSpec.of("glyphs").withCount(30));
            assertFalse(Files.exists(left));
            assertTrue(Files.exists(used));
        }
    }

    /** A dry run decodes, to count, and keeps nothing. */
    @Test
    void anEstimateWritesNothing() throws IOException {
        pictures();
        DataSpec spec = DataSpec.of(folder.toString()).withSize(new ImageSize(8, 8));
        ImageSet blank = DataSources.withoutDownload(spec, environment(100, Map.of()));
        assertEquals(List.of(7, 8, 8, 3), List.of(blank.count(), blank.height(), blank.width(), blank.channels()));
        assertEquals(1, blank.rejected().size());
        assertEquals(List.of(), cached());
    }

    @Test
    void runsOfZerosTakeNoRoom() throws IOException {
        byte[] file = DataFiles.header(2051, 2, 1000, 1000, 2_000_000).array();
        file[16 + 1_999_999] = 5;
        write(folder.resolve("train-images-idx3-ubyte"), file);
        ImageSet set = small(DataSpec.of(folder.toString()));
        assertEquals(5, set.images()[1][999_999]);
        long allocated = allocated(cached().get(0));
        assertTrue(allocated < 1_000_000, allocated + " bytes on the disk");
    }

    /** Bytes on the disk, by {@code du}. */
    private static long allocated(Path file) throws IOException {
        Process du = new ProcessBuilder("du", "-k", file.toString()).start();
        String text = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return Long.parseLong(text.split("\\s")[0]) * 1024;
    }
}
