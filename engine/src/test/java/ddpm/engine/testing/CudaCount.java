package ddpm.engine.testing;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Counts the tests that ran on CUDA: those called {@code cuda...} by their device, and those tagged {@code cuda} or {@code
 * kernels}. Writes the count to {@code target/cuda-tests/} after each of them, and at the end the kernels that were never
 * launched beside it, where {@code .ci/cuda-tests.sh} asks for it: a build whose CUDA tests were all skipped is green too.
 * JUnit finds this class by its file in {@code META-INF/services}.
 *
 * <p>The tests of one run are spread over JVMs: two at a time on the simulator, one for each class on a real GPU. The counts
 * of all JVMs with the same {@code ddpm.cuda.session} are added, under a lock; a kernel was never launched if it was in none
 * of them. A JVM without this property is a session of its own.
 *
 * <p>With {@code ddpm.cuda.log} each finished test adds its line to that file, see {@link TestLog}.
 */
public final class CudaCount implements TestExecutionListener {
    private static final Set<String> TAGS = Set.of("cuda", "kernels");

    private final String run;
    private final String session;
    private final Path counts;
    private final Path neverLaunched;
    private final Path lock;
    private final Supplier<Optional<Set<String>>> ofThisProcess;
    private final Optional<TestLog> log;

    private Counts here = Counts.NONE;
    private final Set<String> skipped = ConcurrentHashMap.newKeySet();

    /** As JUnit makes it. */
    public CudaCount() {
        this(
                Path.of("target", "cuda-tests"),
                System.getProperty("ddpm.cuda.run", "ide"),
                System.getProperty(
                        "ddpm.cuda.session",
                        "process " + ProcessHandle.current().pid() + " of "
                                + ProcessHandle.current().info().startInstant()),
                CudaCount::simulatorsNeverLaunched,
                Optional.ofNullable(System.getProperty("ddpm.cuda.log")).map(Path::of));
    }

    /**
     * @param run which GPU: {@code fast} and {@code check} are the simulator's, {@code gpu} a real one
     * @param ofThisProcess kernels that this JVM did not launch; empty where nobody knows
     */
    CudaCount(
            Path folder,
            String run,
            String session,
            Supplier<Optional<Set<String>>> ofThisProcess,
            Optional<Path> log) {
        this.run = run;
        this.session = session;
        this.counts = folder.resolve(run + ".txt");
        this.neverLaunched = folder.resolve(run + "-never-launched.txt");
        this.lock = folder.resolve(run + ".lock");
        this.ofThisProcess = ofThisProcess;
        this.log = log.map(TestLog::new);
    }

    /** What a session has counted: the two lines of {@code RUN.txt}. */
    private record Counts(int passed, int failed, int skipped) {
        static final Counts NONE = new Counts(0, 0, 0);

        static Counts parse(String line) {
            String[] values = line.replaceAll("[a-z]+=", "").split(" ");
            return new Counts(Integer.parseInt(values[0]), Integer.parseInt(values[1]), Integer.parseInt(values[2]));
        }

        Counts plus(Counts other) {
            return new Counts(passed + other.passed, failed + other.failed, skipped + other.skipped);
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "passed=%d failed=%d skipped=%d", passed, failed, skipped);
        }
    }

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        log.ifPresent(l -> l.started(plan));
        here = Counts.NONE;
        skipped.clear();
        add(Counts.NONE);
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        log.ifPresent(l -> l.started(test));
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        log.ifPresent(l -> l.skipped(test, reason));
        if (onCuda(test)) {
            skip(test);
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        // a container has no line of its own, unless all that it holds did not run
        if (!test.isTest() && result.getStatus() == Status.SUCCESSFUL) {
            return;
        }
        log.ifPresent(l -> l.finished(test, result));
        if (onCuda(test)) {
            count(test, result.getStatus());
        }
    }

    private void count(TestIdentifier test, Status status) {
        switch (status) {
            case SUCCESSFUL -> add(new Counts(1, 0, 0));
            case FAILED -> add(new Counts(0, 1, 0));
            case ABORTED -> skip(test);
        }
    }

    /** A class counts once. */
    private void skip(TestIdentifier test) {
        if (skipped.add(test.getUniqueId())) {
            add(new Counts(0, 0, 1));
        }
    }

    private static boolean onCuda(TestIdentifier test) {
        return test.getTags().stream().anyMatch(tag -> TAGS.contains(tag.getName()))
                || (test.isTest()
                        && test.getDisplayName().toLowerCase(Locale.ROOT).startsWith("cuda"));
    }

    /** After every test: a process that a fault of the GPU ends leaves what it has counted. */
    private synchronized void add(Counts more) {
        here = here.plus(more);
        locked(() -> Files.writeString(counts, ofSession().plus(more) + "\nsession " + session + "\n"));
    }

    /** What the session has counted so far; the first to ask removes what an earlier session left. */
    private Counts ofSession() throws IOException {
        List<String> lines = Files.exists(counts) ? Files.readAllLines(counts) : List.of();
        if (lines.size() == 2 && lines.get(1).equals("session " + session)) {
            return Counts.parse(lines.get(0));
        }
        Files.deleteIfExists(neverLaunched);
        return Counts.NONE;
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        System.out.println("cuda tests, " + run + ": " + here);
        Optional<Set<String>> launchedNot = here.passed + here.failed == 0 ? Optional.empty() : ofThisProcess.get();
        launchedNot.ifPresent(names -> locked(() -> {
            Set<String> never = new TreeSet<>(names);
            if (Files.exists(neverLaunched)) {
                never.retainAll(Files.readAllLines(neverLaunched));
            }
            Files.write(neverLaunched, never);
        }));
    }

    private interface Change {
        void make() throws IOException;
    }

    /** Makes a change to the session's files while no other process does. */
    @SuppressWarnings("try") // the lock is only held
    private void locked(Change change) {
        try {
            Files.createDirectories(lock.toAbsolutePath().getParent());
            try (FileChannel file = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = file.lock()) {
                change.make();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The kernels of the product that no test of this process has launched, as the simulator knows. */
    private static Optional<Set<String>> simulatorsNeverLaunched() {
        Path library = Path.of(System.getenv().getOrDefault("DDPM_CUDA_PATH", ""), "libcuda.so.1");
        if (System.getProperty("ddpm.cuda.run", "").equals("gpu") || !Files.exists(library)) {
            return Optional.empty();
        }
        String names = NativeLibrary.getInstance(library.toString())
                .getFunction("cusim_never_launched")
                .invokeString(new Object[] {"src/main/cuda/"}, false);
        return Optional.of(new TreeSet<>(names.lines().toList()));
    }
}
