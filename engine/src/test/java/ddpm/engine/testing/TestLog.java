package ddpm.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * One line for each finished test, added to a file and on the disk before the next test begins, so that a process that dies
 * tells how far it came, and the processes of one run share the file:
 *
 * <pre>PASSED|FAILED|SKIPPED, class, name of the test, milliseconds, first line of the failure or of why it was skipped</pre>
 *
 * <p>with tabs between them; tabs and line ends inside are spaces. The name is that of the method, followed by that of the
 * invocation where there are several: {@code groupNorm(Backend) / cuda}. A class that was skipped, or failed before its
 * first test, has one line whose name is the class's.
 */
final class TestLog {
    private final Path file;
    private final Map<String, Long> begun = new ConcurrentHashMap<>();
    private TestPlan plan;

    TestLog(Path file) {
        this.file = file.toAbsolutePath();
    }

    void started(TestPlan tests) {
        plan = tests;
    }

    void started(TestIdentifier test) {
        begun.put(test.getUniqueId(), System.nanoTime());
    }

    void skipped(TestIdentifier test, String reason) {
        add("SKIPPED", test, reason);
    }

    void finished(TestIdentifier test, TestExecutionResult result) {
        String outcome =
                switch (result.getStatus()) {
                    case SUCCESSFUL -> "PASSED";
                    case FAILED -> "FAILED";
                    case ABORTED -> "SKIPPED";
                };
        add(outcome, test, result.getThrowable().map(TestLog::reason).orElse(""));
    }

    private static String reason(Throwable e) {
        return e.getMessage() == null || e.getMessage().isBlank() ? e.toString() : e.getMessage();
    }

    private synchronized void add(String outcome, TestIdentifier test, String reason) {
        Long start = begun.remove(test.getUniqueId());
        long millis = start == null ? 0 : (System.nanoTime() - start) / 1_000_000;
        String first = reason.strip().lines().findFirst().orElse("");
        String line = String.join(
                        "\t", outcome, plain(className(test)), plain(name(test)), Long.toString(millis), plain(first))
                + "\n";
        try {
            if (file.getParent() != null) {
                Files.createDirectories(file.getParent());
            }
            Files.writeString(
                    file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.DSYNC);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String plain(String text) {
        return text.replaceAll("[\\t\\r\\n\\f\\x0b\\x85\\u2028\\u2029]", " ");
    }

    private String className(TestIdentifier test) {
        Optional<TestIdentifier> at = Optional.of(test);
        while (at.isPresent()) {
            TestSource source = at.get().getSource().orElse(null);
            if (source instanceof ClassSource c) {
                return c.getClassName();
            }
            if (source instanceof MethodSource m) {
                return m.getClassName();
            }
            at = plan.getParent(at.get());
        }
        return "";
    }

    /** The names from the method's on; the class's own for a class. */
    private String name(TestIdentifier test) {
        Deque<String> names = new ArrayDeque<>();
        TestIdentifier at = test;
        while (at != null && !(at.getSource().orElse(null) instanceof ClassSource)) {
            names.addFirst(at.getDisplayName());
            at = plan.getParent(at).orElse(null);
        }
        return names.isEmpty() ? test.getDisplayName() : String.join(" / ", names);
    }
}
