package ddpm.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.Named;
import ddpm.config.Problems;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.prediction.Predictions;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.schedule.Schedules;
import ddpm.diffusion.solver.Solvers;
import ddpm.diffusion.solver.Spacing;
import ddpm.diffusion.times.Times;
import ddpm.diffusion.weighting.Weightings;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What CONTRIBUTING.md and docs/recipes.md say of the lists of choices is so. */
class ContributingTest {
    private static final String HEADER = "package example;\n"
            + "import ddpm.config.Problems;\n"
            + "import ddpm.diffusion.Schedule;\n"
            + "import ddpm.diffusion.schedule.BetaSchedule;\n"
            + "import ddpm.diffusion.schedule.ScheduleConfig;\n";

    @TempDir
    Path folder;

    /** The example is a schedule: it compiles, and its last alphas_cumprod is what it was told. */
    @Test
    void theExampleIsASchedule() throws IOException, ReflectiveOperationException {
        Markdown document = Markdown.read(Markdown.root().resolve("CONTRIBUTING.md"));
        Markdown.Block example = document.blocks().stream()
                .filter(b -> b.language().equals("java")
                        && b.text().stream().anyMatch(l -> l.contains("implements ScheduleConfig")))
                .findFirst()
                .orElseThrow();
        Path source = Files.writeString(
                Files.createDirectories(folder.resolve("example")).resolve("Straight.java"),
                HEADER + String.join("\n", example.text()) + "\n");
        StringWriter said = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            said,
                            files,
                            null,
                            List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path")),
                            null,
                            files.getJavaFileObjects(source))
                    .call();
            assertTrue(compiled, said.toString());
        }
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            ScheduleConfig config = (ScheduleConfig) loader.loadClass("example.Straight")
                    .getConstructor(int.class, double.class)
                    .newInstance(100, 0.01);
            Problems problems = new Problems();
            config.check(problems);
            assertTrue(problems.isEmpty());
            Schedule schedule = config.schedule();
            assertEquals(0.1, schedule.signal(99), 1e-12);
            assertEquals(1 - 0.99 * 0.5, schedule.signal(49) * schedule.signal(49), 1e-12);
        }
    }

    /** Every choice has its row, or its word where the family has no table. */
    @Test
    void recipesNamesEveryChoice() throws IOException {
        String text = Files.readString(Markdown.root().resolve("docs/recipes.md"));
        for (List<? extends Named<?>> table : List.of(Schedules.ALL, Predictions.ALL, Weightings.ALL, Solvers.ALL)) {
            for (Named<?> choice : table) {
                assertTrue(text.contains("\n| `" + choice.name() + "` |"), choice.name() + " has no row");
            }
        }
        for (Named<?> choice : Times.ALL) {
            assertTrue(text.contains("`" + choice.name() + "`"), choice.name());
        }
        for (String spacing : Spacing.names()) {
            assertTrue(text.contains("`" + spacing + "`"), spacing);
        }
    }
}
