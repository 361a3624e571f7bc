package ddpm.engine.testing.mutation;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * The tests tagged {@code kernels}, in a process of their own on the simulator in {@code DDPM_CUDA_PATH}.
 *
 * <pre>
 * cover OUT    runs all; writes for each test its milliseconds, its id and the mutants that it comes past
 * catch TESTS  runs those of the file TESTS, one id a line, till one fails; ends with {@link #CAUGHT} and prints which
 * </pre>
 */
final class KernelTestRun {
    /** Exit status: a test has failed. 0 if all passed; anything else is the death of the process. */
    static final int CAUGHT = 42;

    /** As in kernels/src/sim/mutants.h. */
    private static final int MOST_MUTANTS = 4096;

    // CudaCount is not to count these
    private static final Launcher LAUNCHER = LauncherFactory.create(LauncherConfig.builder()
            .enableTestExecutionListenerAutoRegistration(false)
            .build());

    private KernelTestRun() {}

    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[1]);
        switch (args[0]) {
            case "cover" -> cover(file);
            case "catch" -> catchMutant(Files.readAllLines(file));
            default -> throw new IllegalArgumentException("cover or catch, not " + args[0]);
        }
        System.exit(0); // the backend's threads may still be waiting for work
    }

    private static void cover(Path out) throws IOException {
        Function takeReached = NativeLibrary.getInstance(
                        Path.of(System.getenv("DDPM_CUDA_PATH"), "libcuda.so.1").toString())
                .getFunction("cusim_take_reached");
        byte[] reached = new byte[MOST_MUTANTS];
        List<String> lines = new ArrayList<>();
        Map<String, Long> begun = new ConcurrentHashMap<>();
        LAUNCHER.execute(
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(DiscoverySelectors.selectPackage("ddpm.engine"))
                        .filters(TagFilter.includeTags("kernels"))
                        .build(),
                new TestExecutionListener() {
                    @Override
                    public void executionStarted(TestIdentifier test) {
                        begun.put(test.getUniqueId(), System.nanoTime());
                    }

                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
                            throw new IllegalStateException("without a mutant: " + test + ": " + result);
                        }
                        takeReached.invoke(new Object[] {reached});
                        if (test.isTest()) {
                            long millis = (System.nanoTime() - begun.get(test.getUniqueId())) / 1_000_000;
                            lines.add(millis + "\t" + test.getUniqueId() + "\t" + ids(reached));
                        }
                    }
                });
        Files.write(out, lines);
    }

    private static String ids(byte[] reached) {
        return IntStream.range(0, reached.length)
                .filter(id -> reached[id] != 0)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(" "));
    }

    private static void catchMutant(List<String> tests) {
        for (String test : tests) {
            LAUNCHER.execute(
                    LauncherDiscoveryRequestBuilder.request()
                            .selectors(DiscoverySelectors.selectUniqueId(test))
                            .build(),
                    new TestExecutionListener() {
                        @Override
                        public void executionFinished(TestIdentifier finished, TestExecutionResult result) {
                            if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                                System.out.println(finished.getUniqueId());
                                Runtime.getRuntime().halt(CAUGHT); // a broken kernel may have left anything behind
                            }
                        }
                    });
        }
    }
}
