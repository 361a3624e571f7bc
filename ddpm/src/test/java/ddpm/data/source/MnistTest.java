package ddpm.data.source;

import static ddpm.data.DataFiles.assertSays;
import static ddpm.data.DataFiles.gzip;
import static ddpm.data.DataFiles.idx;
import static ddpm.data.DataFiles.sha256;
import static ddpm.data.DataFiles.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.data.DataFiles;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.fetch.DownloadException;
import ddpm.data.fetch.DownloadProgress;
import ddpm.data.fetch.RemoteFile;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding and downloading MNIST, with two small files in its place and a mirror in this process. */
class MnistTest {
    private static final DataSpec MNIST = DataSpec.of("mnist");
    private static final String IMAGES = "train-images-idx3-ubyte.gz";
    private static final String LABELS = "train-labels-idx1-ubyte.gz";

    private final byte[] content = noisy(idx(300, 28, 28)); // random, so that packing leaves a few network blocks
    private final byte[] packed = gzip(content);
    private final byte[] labels = {0, 0, 8, 1, 0, 0, 0, 1, 7};
    private final List<RemoteFile> files = List.of(
            new RemoteFile(IMAGES, content.length, sha256(content)),
            new RemoteFile(LABELS, labels.length, sha256(labels)));

    @TempDir
    Path home;

    private Mirror mirror;
    private Mirror other;

    private static byte[] noisy(byte[] idx) {
        byte[] body = new byte[idx.length - 16];
        new Random(1).nextBytes(body);
        System.arraycopy(body, 0, idx, 16, body.length);
        return idx;
    }

    @BeforeEach
    void start() throws IOException {
        mirror = new Mirror(Map.of(IMAGES, packed, LABELS, gzip(labels)));
        other = new Mirror(Map.of(IMAGES, packed, LABELS, gzip(labels)));
    }

    @AfterEach
    void stop() {
        mirror.close();
        other.close();
    }

    private DataEnvironment environment(Mirror... mirrors) {
        List<URI> uris = Arrays.stream(mirrors).map(Mirror::uri).toList();
        return DataFiles.environment(Map.of(), home, files, uris);
    }

    private Path cache() {
        return home.resolve(".cache/ddpm/data/mnist");
    }

    private void assertWhole() throws IOException {
        assertArrayEquals(packed, Files.readAllBytes(cache().resolve(IMAGES)));
        try (Stream<Path> list = Files.list(cache())) {
            assertEquals(
                    List.of(IMAGES, LABELS),
                    list.map(f -> f.getFileName().toString()).sorted().toList(),
                    "nothing else is left behind");
        }
    }

    @Test
    void downloadsEveryFileOnce() throws IOException {
        List<String> heard = new ArrayList<>();
        DataEnvironment env = environment(mirror).withProgress(new Recorder(heard));
        ImageSet set = DataSources.load(MNIST, env);
        assertEquals(300, set.count());
        assertEquals("mnist in " + cache() + " (" + IMAGES + ")", set.name());
        assertWhole();
        assertEquals(
                List.of(IMAGES + " 0 of " + packed.length, packed.length + "", "end"),
                List.of(heard.get(0), heard.get(heard.indexOf("end") - 1), "end"));
        DataSources.load(MNIST, env);
        assertEquals(cache(), DataSources.fetch("mnist", env));
        assertEquals(2, mirror.requests().size(), "the second time everything is there");
    }

    @Test
    void continuesAHalfFile() throws IOException {
        write(cache().resolve(IMAGES + ".part"), Arrays.copyOf(packed, 100_000));
        DataSources.load(MNIST, environment(mirror));
        assertEquals("bytes=100000-", mirror.requests().get(0));
        assertEquals(packed.length - 100_000, mirror.sent(IMAGES));
        assertWhole();
    }

    @Test
    void startsAgainWhereTheMirrorKnowsNoRanges() throws IOException {
        write(cache().resolve(IMAGES + ".part"), new byte[packed.length + 50]);
        mirror.ranges = false;
        DataSources.load(MNIST, environment(mirror));
        assertWhole();
    }

    @Test
    void aHalfOfAnotherFileIsThrownAway() throws IOException {
        write(cache().resolve(IMAGES + ".part"), new byte[1000]);
        DataSources.load(MNIST, environment(mirror));
        assertEquals(List.of("bytes=1000-", "all", "all"), mirror.requests());
        assertWhole();
    }

    @Test
    void aFinishedPartIsOnlyRenamed() throws IOException {
        write(cache().resolve(IMAGES + ".part"), packed);
        DataSources.load(MNIST, environment(mirror));
        assertEquals(0, mirror.sent(IMAGES));
        assertWhole();
    }

    @Test
    void theSecondMirrorContinuesWhereTheFirstBrokeOff() throws IOException {
        mirror.breakAfter = 70_000;
        DataSources.load(MNIST, environment(mirror, other));
        assertEquals(packed.length, mirror.sent(IMAGES) + other.sent(IMAGES));
        assertTrue(mirror.sent(IMAGES) > 0);
        assertWhole();
    }

    @Test
    void theSecondMirrorStandsInForABrokenOne() throws IOException {
        mirror.status = 503;
        assertSays(() -> DataSources.load(MNIST, environment(mirror)), "HTTP status 503 for " + mirror.uri() + IMAGES);
        DataSources.load(MNIST, environment(mirror, other));
        assertWhole();
    }

    @Test
    void aSilentMirrorIsLeft() throws IOException {
        mirror.stallAfter = 70_000;
        DataEnvironment env = environment(mirror, other).withReadTimeout(Duration.ofMillis(700));
        assertTimeoutPreemptively(Duration.ofSeconds(15), () -> DataSources.load(MNIST, env));
        assertTrue(other.sent(IMAGES) > 0);
        assertWhole();
    }

    @Test
    void wrongContentIsNotKept() throws IOException {
        byte[] wrong = content.clone();
        wrong[5000] ^= 1;
        byte[] longer = Arrays.copyOf(content, content.length + 1);
        byte[] page = "<html>please log in</html>".getBytes(StandardCharsets.UTF_8);
        Object[][] cases = {
            {gzip(wrong), "sha256 of the unpacked file is"},
            {gzip(longer), "it holds more than the " + content.length},
            {page, "it is not a gzip file (26 bytes)"},
            {Arrays.copyOf(packed, packed.length - 9), "it is cut short"},
            {new byte[content.length + 200_000], "sends more than the file can hold"},
        };
        for (Object[] c : cases) {
            try (Mirror bad = new Mirror(Map.of(IMAGES, (byte[]) c[0]))) {
                assertSays(
                        () -> DataSources.load(MNIST, environment(bad)),
                        "cannot download " + IMAGES,
                        (String) c[1],
                        "'ddpm data fetch mnist'",
                        cache().toString());
            }
            try (Stream<Path> left = Files.list(cache())) {
                assertEquals(0, left.count(), "nothing of it stays");
            }
        }
        try (Mirror bad = new Mirror(Map.of(IMAGES, gzip(wrong)))) {
            DataSources.load(MNIST, environment(bad, mirror));
            assertWhole();
        }
    }

    @Test
    void withoutNetworkTheGlyphsStandIn() {
        URI nowhere = mirror.uri();
        mirror.close(); // nobody listens there any more
        DataEnvironment env =
                DataFiles.environment(Map.of(), home, files, List.of(nowhere, URI.create("http://host.invalid/")));
        DownloadException e = assertThrows(DownloadException.class, () -> DataSources.load(MNIST, env));
        assertEquals("localhost: cannot connect; host.invalid: unknown host", e.reason());

        MnistOrGlyphs found = DataSources.mnistOrGlyphs(DataSpec.of("x").withCount(20), env);
        assertEquals("glyphs", found.source());
        assertEquals(20, found.images().count());
        assertTrue(found.notice().startsWith("MNIST is neither on this machine nor reachable (" + e.reason() + ")"));
        assertFalse(found.notice().contains("\n"));
    }

    @Test
    void mnistWhereItIsReachable() {
        MnistOrGlyphs found = DataSources.mnistOrGlyphs(DataSpec.of("x"), environment(mirror));
        assertEquals("mnist", found.source());
        assertEquals(300, found.images().count());
        assertNull(found.notice());
    }

    @Test
    void findsItInDdpmData() throws IOException {
        for (String place :
                List.of("data/" + IMAGES, "data/mnist/train-images-idx3-ubyte", "data/train-images.idx3-ubyte")) {
            Path file = write(home.resolve(place), place.endsWith(".gz") ? packed : content);
            DataEnvironment env = DataFiles.environment(
                    Map.of("DDPM_DATA", home.resolve("data").toString()), home, files, List.of());
            assertEquals(
                    "mnist in " + file.getParent() + " (" + file.getFileName() + ")",
                    DataSources.load(MNIST, env).name());
            Files.delete(file);
        }
    }

    @Test
    void anotherSetInDdpmDataIsAnError() throws IOException {
        Path file = write(home.resolve("data/train-images-idx3-ubyte"), idx(3, 28, 28));
        DataEnvironment env = DataFiles.environment(
                Map.of("DDPM_DATA", home.resolve("data").toString()), home, files, List.of(mirror.uri()));
        assertSays(
                () -> DataSources.load(MNIST, env),
                file + ": is not MNIST",
                "DDPM_DATA",
                "--data " + home.resolve("data"));
        assertSays(() -> DataSources.mnistOrGlyphs(MNIST, env), file + ": is not MNIST");
    }

    @Test
    void aDamagedCacheIsFetchedAnew() throws IOException {
        write(cache().resolve(IMAGES), Arrays.copyOf(packed, 5000));
        DataSources.load(MNIST, environment(mirror));
        assertWhole();
    }

    @Test
    void aCacheThatCannotBeWritten() throws IOException {
        write(home.resolve(".cache"), new byte[0]); // a file where the folder should be
        assertSays(() -> DataSources.load(MNIST, environment(mirror)), "cannot create " + cache());
        assertEquals(
                "glyphs",
                DataSources.mnistOrGlyphs(MNIST.withCount(1), environment(mirror))
                        .source());
    }

    @Test
    void onlyMnistCanBeFetched() {
        assertSays(() -> DataSources.fetch("cifar", environment(mirror)), "'cifar' cannot be fetched", "only mnist");
    }

    /** Notes what it is told. */
    private record Recorder(List<String> heard) implements DownloadProgress {
        @Override
        public void start(String file, String host, long done, long total) {
            heard.add(file + " " + done + " of " + total);
        }

        @Override
        public void at(long done) {
            heard.add("" + done);
        }

        @Override
        public void end() {
            heard.add("end");
        }
    }
}
