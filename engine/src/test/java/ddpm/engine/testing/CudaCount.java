package ddpm.engine.testing;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * <p>On a real GPU each class has its own JVM. The counts of all JVMs with the same {@code ddpm.cuda.session} are added; a
 * kernel was never launched if it was in none of them. A JVM without this property is a session of its own.
 *
 * <p>With {@code ddpm.cuda.log} each finished test adds its line to that file, see {@link TestLog}.
 */
public final class CudaCount implements TestExecutionListener {
    private static final Set<String> TAGS = Set.of("cuda", "kernels");

    private final String run;
    private final String session;
    private final Path counts;
    private final Path neverLaunched;
    private final Supplier<Optional<Set<String>>> ofThisProcess;
    private final Optional<TestLog> log;

    private Counts before = Counts.NONE;
    private int passed;
    private int failed;
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

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "passed=%d failed=%d skipped=%d", passed, failed, skipped);
        }
    }

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        log.ifPresent(l -> l.started(plan));
        passed = 0;
        failed = 0;
        skipped.clear();
        before = Counts.NONE;
        try {
            List<String> lines = Files.exists(counts) ? Files.readAllLines(counts) : List.of();
            if (lines.size() == 2 && lines.get(1).equals("session " + session)) {
                before = Counts.parse(lines.get(0));
            } else {
                Files.deleteIfExists(neverLaunched);
            }
            Files.createDirectories(counts.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write();
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        log.ifPresent(l -> l.started(test));
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        log.ifPresent(l -> l.skipped(test, reason));
        if (onCuda(test)) {
            skipped.add(test.getUniqueId()); // a class counts once
            write();
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

    private synchronized void count(TestIdentifier test, Status status) {
        switch (status) {
            case SUCCESSFUL -> passed++;
            case FAILED -> failed++;
            case ABORTED -> skipped.add(test.getUniqueId());
        }
        write();
    }

    private static boolean onCuda(TestIdentifier test) {
        return test.getTags().stream().anyMatch(tag -> TAGS.contains(tag.getName()))
                || (test.isTest()
                        && test.getDisplayName().toLowerCase(Locale.ROOT).startsWith("cuda"));
    }

    private synchronized Counts all() {
        return new Counts(before.passed + passed, before.failed + failed, before.skipped + skipped.size());
    }

    /** After every test: a process that a fault of the GPU ends leaves what it has counted. */
    private synchronized void write() {
        try {
            Files.writeString(counts, all() + "\nsession " + session + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        System.out.println("cuda tests, " + run + ": " + all());
        Optional<Set<String>> here = passed + failed == 0 ? Optional.empty() : ofThisProcess.get();
        try {
            if (here.isPresent()) {
                Set<String> never = new TreeSet<>(here.get());
                if (Files.exists(neverLaunched)) {
                    never.retainAll(Files.readAllLines(neverLaunched));
                }
                Files.write(neverLaunched, never);
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
