package ddpm.engine.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** What is known of a run whose tests are spread over processes, some of which die. */
class CudaCountTest {
    @TempDir
    Path folder;

    /** The log as it was when a test ran; {@link Sample} puts it there. */
    private static Path watched;

    private static List<String> seenByTheSecondTest;

    @Test
    void countsAddUpOverTheProcessesOfASession() throws IOException {
        execute(session("one", Set.of()), Sample.class);
        assertEquals(List.of("passed=2 failed=1 skipped=1", "session one"), Files.readAllLines(counts()));
        execute(session("one", Set.of()), NotOnCuda.class); // counts nothing
        execute(session("one", Set.of()), Sample.class);
        assertEquals(List.of("passed=4 failed=2 skipped=2", "session one"), Files.readAllLines(counts()));
    }

    @Test
    void anotherSessionBeginsAtZero() throws IOException {
        execute(session("one", Set.of("a")), Sample.class);
        execute(session("two", Set.of("b", "c")), Sample.class);
        assertEquals(List.of("passed=2 failed=1 skipped=1", "session two"), Files.readAllLines(counts()));
        assertEquals(List.of("b", "c"), Files.readAllLines(neverLaunched()));
    }

    @Test
    void onlyWhatNoProcessLaunchedWasNeverLaunched() throws IOException {
        execute(session("one", Set.of("add", "pad", "silu")), Sample.class);
        execute(session("one", Set.of("add", "silu", "sum")), Sample.class);
        execute(session("one", Set.of()), NotOnCuda.class); // launches nothing, so says nothing
        assertEquals(List.of("add", "silu"), Files.readAllLines(neverLaunched()));
    }

    @Test
    void whereNobodyKnowsNoListIsWritten() {
        execute(new CudaCount(folder, "gpu", "one", Optional::empty, Optional.empty()), Sample.class);
        assertTrue(Files.exists(folder.resolve("gpu.txt")));
        assertFalse(Files.exists(folder.resolve("gpu-never-launched.txt")));
    }

    @Test
    void aClassThatFailsBeforeItsTestsIsAFailure() throws IOException {
        execute(session("one", Set.of()), FailsAtOnce.class, Off.class);
        assertEquals("passed=0 failed=1 skipped=1", Files.readAllLines(counts()).get(0));
        assertEquals(
                List.of(
                        "FAILED|" + FailsAtOnce.class.getName() + "|CudaCountTest$FailsAtOnce|no context",
                        "SKIPPED|" + Off.class.getName() + "|CudaCountTest$Off|not here"),
                withoutTimes());
    }

    @Test
    void aTestThatFinishedIsInTheLogBeforeTheNextBegins() throws IOException {
        String name = Sample.class.getName();
        watched = log();
        try {
            execute(session("one", Set.of()), Sample.class);
        } finally {
            watched = null;
        }
        assertEquals(
                List.of("PASSED|" + name + "|passes()|"),
                seenByTheSecondTest.stream().map(CudaCountTest::withoutTime).toList());
        execute(session("one", Set.of()), NotOnCuda.class); // appends
        assertEquals(
                List.of(
                        "FAILED|" + name + "|breaks()|two words, then",
                        "PASSED|" + NotOnCuda.class.getName() + "|batch(int) / 1 images|",
                        "PASSED|" + NotOnCuda.class.getName() + "|batch(int) / 2 images|",
                        "PASSED|" + NotOnCuda.class.getName() + "|two<LF>lines|",
                        "PASSED|" + name + "|passes()|",
                        "PASSED|" + name + "|seesTheLog()|",
                        "SKIPPED|" + name + "|skips()|no GPU"),
                withoutTimes().stream().sorted().toList());
    }

    private CudaCount session(String session, Set<String> neverLaunched) {
        return new CudaCount(
                folder, "fast", session, () -> Optional.of(new TreeSet<>(neverLaunched)), Optional.of(log()));
    }

    private static void execute(CudaCount listener, Class<?>... tests) {
        Launcher launcher = LauncherFactory.create(LauncherConfig.builder()
                .enableTestExecutionListenerAutoRegistration(false)
                .addTestExecutionListeners(listener)
                .build());
        launcher.execute(LauncherDiscoveryRequestBuilder.request()
                .selectors(Stream.of(tests).map(DiscoverySelectors::selectClass).toList())
                .build());
    }

    private Path counts() {
        return folder.resolve("fast.txt");
    }

    private Path neverLaunched() {
        return folder.resolve("fast-never-launched.txt");
    }

    private Path log() {
        return folder.resolve("made").resolve("log.tsv");
    }

    private List<String> withoutTimes() throws IOException {
        return Files.readAllLines(log()).stream()
                .map(CudaCountTest::withoutTime)
                .toList();
    }

    private static String withoutTime(String line) {
        String[] columns = line.split("\t", -1);
        assertEquals(5, columns.length, line);
        assertTrue(columns[3].matches("\\d+"), line);
        return String.join("|", columns[0], columns[1], columns[2], columns[4]);
    }

    @Tag("cuda")
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class Sample {
        @Test
        @Order(1)
        void passes() {}

        @Test
        @Order(2)
        void seesTheLog() {
            try {
                seenByTheSecondTest = watched == null ? List.of() : Files.readAllLines(watched);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Test
        @Order(3)
        void breaks() {
            fail("two\twords, then\nanother line");
        }

        @Test
        @Order(4)
        void skips() {
            Assumptions.abort("no GPU");
        }
    }

    static class NotOnCuda {
        @ParameterizedTest(name = "{0} images")
        @ValueSource(ints = {1, 2})
        void batch(int images) {
            assertTrue(images > 0);
        }

        @Test
        @DisplayName("two\nlines")
        void named() {}
    }

    @Tag("cuda")
    static class FailsAtOnce {
        @BeforeAll
        static void open() {
            throw new IllegalStateException("no context");
        }

        @Test
        void neverBegins() {}
    }

    @Tag("cuda")
    @Disabled("not here")
    static class Off {
        @Test
        void neverBegins() {}
    }
}
