package ddpm.engine.testing;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Counts the tests that ran on CUDA: those called {@code cuda...} by their device, and those tagged {@code cuda} or {@code
 * kernels}. Prints the count and writes it to {@code target/cuda-tests/}, with the kernels that were never launched beside
 * it, where {@code .ci/cuda-tests.sh} asks for it: a build whose CUDA tests were all skipped is green too. JUnit finds this
 * class by its file in {@code META-INF/services}.
 */
public final class CudaCount implements TestExecutionListener {
    /** Which GPU: {@code fast} and {@code check} are the simulator's, {@code gpu} a real one. */
    private static final String RUN = System.getProperty("ddpm.cuda.run", "ide");

    private static final Set<String> TAGS = Set.of("cuda", "kernels");

    private int passed;
    private int failed;
    private final Set<String> skipped = new TreeSet<>();

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        if (onCuda(test)) {
            skipped.add(test.getUniqueId()); // a class counts once
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (!onCuda(test) || !(test.isTest() || result.getStatus() == TestExecutionResult.Status.ABORTED)) {
            return;
        }
        switch (result.getStatus()) {
            case SUCCESSFUL -> passed++;
            case FAILED -> failed++;
            case ABORTED -> skipped.add(test.getUniqueId());
        }
    }

    private static boolean onCuda(TestIdentifier test) {
        return test.getTags().stream().anyMatch(tag -> TAGS.contains(tag.getName()))
                || (test.isTest()
                        && test.getDisplayName().toLowerCase(Locale.ROOT).startsWith("cuda"));
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        String count = String.format(Locale.ROOT, "passed=%d failed=%d skipped=%d", passed, failed, skipped.size());
        System.out.println("cuda tests, " + RUN + ": " + count);
        Path folder = Path.of("target", "cuda-tests");
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(RUN + ".txt"), count + "\n");
            Files.writeString(folder.resolve(RUN + "-never-launched.txt"), neverLaunched());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The kernels of the product that no test has launched, one a line, as the simulator knows; nothing on a real GPU. */
    private String neverLaunched() {
        Path library = Path.of(System.getenv().getOrDefault("DDPM_CUDA_PATH", ""), "libcuda.so.1");
        if (passed + failed == 0 || RUN.equals("gpu") || !Files.exists(library)) {
            return "";
        }
        return NativeLibrary.getInstance(library.toString())
                .getFunction("cusim_never_launched")
                .invokeString(new Object[] {"src/main/cuda/"}, false);
    }
}
