package ddpm.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.docs.Markdown.Block;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The scripts in docs/try print what the chapters say they print. Such a block is marked {@code <!-- output:
 * docs/try/NAME.jsh -->}; outputs that differ from run to run (timings) are not marked.
 */
class TryTest {
    private record Shown(Markdown document, Block block) {
        @Override
        public String toString() {
            return document + ": " + block.source().getFileName();
        }
    }

    @TestFactory
    Stream<DynamicTest> outputs() {
        return Markdown.all()
                .flatMap(d -> d.blocks().stream()
                        .filter(b -> "output".equals(b.kind()))
                        .map(b -> new Shown(d, b)))
                .map(s -> DynamicTest.dynamicTest(
                        s.toString(),
                        () -> assertEquals(s.block().text(), run(s.block().source()))));
    }

    /**
     * Runs snippets in the test's own thread. The provider "local" has a thread for each and then waits for all threads of
     * its group: on a busy machine also for a backend's, which ends with the backend.
     */
    private static final ExecutionControlProvider HERE = new ExecutionControlProvider() {
        @Override
        public String name() {
            return "here";
        }

        @Override
        public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
            return new DirectExecutionControl();
        }
    };

    /** The lines a script prints, run in this process. */
    private static List<String> run(Path script) {
        PrintStream screen = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try (JShell shell = JShell.builder().executionEngine(HERE, Map.of()).build()) {
            String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
            for (String path : classes.split(System.getProperty("path.separator"))) {
                shell.addToClasspath(path);
            }
            String rest = String.join("\n", Markdown.text(script));
            while (!rest.isBlank() && !rest.strip().equals("/exit")) {
                CompletionInfo next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
                shell.eval(next.source()).forEach(e -> check(shell, e, script));
                rest = next.remaining();
            }
        } finally {
            System.setOut(screen);
        }
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static void check(JShell shell, SnippetEvent event, Path script) {
        String where = script.getFileName() + ": " + event.snippet().source();
        assertEquals(null, event.exception(), where);
        List<String> problems =
                shell.diagnostics(event.snippet()).map(d -> d.getMessage(null)).toList();
        assertTrue(event.status() != Snippet.Status.REJECTED, () -> where + " " + problems);
    }
}
