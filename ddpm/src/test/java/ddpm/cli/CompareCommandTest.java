package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.train.checkpoint.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ddpm compare} from the command line to the page. */
class CompareCommandTest {
    @TempDir
    Path folder;

    private Path run(String name, String... settings) {
        Path run = folder.resolve(name);
        TinyRun.write(run, TinyRun.config(settings));
        return run;
    }

    private static void log(Path run, long... steps) throws IOException {
        StringBuilder text = new StringBuilder();
        for (long step : steps) {
            text.append(String.format(
                    Locale.ROOT,
                    "{\"step\":%d,\"epoch\":0,\"images\":%d,\"loss\":%s,\"lr\":0.1,\"grad_norm\":1.0,"
                            + "\"images_per_s\":5.0,\"seconds\":%d.0}%n",
                    step,
                    step * 8,
                    1.0 / step,
                    step));
        }
        Files.writeString(run.resolve(RunFiles.METRICS), text.toString());
    }

    private CommandRun compare(String... options) {
        List<String> args = new ArrayList<>(List.of("compare", "--device", "cpu", "--out", folder.toString()));
        args.addAll(List.of(options));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private String page() throws IOException {
        return Files.readString(folder.resolve("comparison.html"));
    }

    @Test
    void twoOfAKind() throws IOException {
        Path a = run("a", "model.im_size=8", "train.lr=0.5");
        Path b = run("b", "model.im_size=8", "train.lr=0.25");
        log(a, 10, 20, 30, 20, 40); // went back to 10
        log(b, 10, 20);
        Files.writeString(
                a.resolve("evaluation.json"),
                "{\"samples\":500,\"frechet\":{\"samples\":1.25,\"error\":0.125},\"verdict\":\"The model is good.\"}");
        CommandRun done = compare(a.toString(), b.toString(), "--count", "3");
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        String out = done.out();
        assertTrue(out.matches("(?s).*train\\.lr +0\\.5 +0\\.25\\R.*"), out);
        assertFalse(out.contains("model.im_size"), "what is the same is not shown");
        assertTrue(out.matches("(?s).*steps +40 +20\\R.*"), out);
        assertTrue(out.matches("(?s).*Frechet distance +1\\.250 \\+- 0\\.125 +-\\R.*"), out);
        assertTrue(out.contains("b was not evaluated"), out);
        assertTrue(out.contains("evaluate --checkpoint " + b), out);
        HtmlPages.check(page(), "Comparison of a, b", 3);
        assertTrue(page().contains("The model is good."));
        assertFalse(page().contains("class=\"warning\""), page());
        String before = page();
        compare(a.toString(), b.toString(), "--count", "3");
        assertEquals(before, page(), "the same seeds draw the same");
    }

    /** Another size, another schedule, and no checkpoint at all: the rest is compared. */
    @Test
    void whatCannotBeComparedIsSaid() throws IOException {
        Path a = run("a", "model.im_size=8");
        Path b = run("b", "model.im_size=12", "diffusion.beta_end=0.4");
        Path c = folder.resolve("c");
        Files.createDirectories(c);
        Files.copy(a.resolve(RunFiles.CONFIG), c.resolve(RunFiles.CONFIG));
        log(a, 10);
        CommandRun done = compare(a.toString(), b.toString(), c.toString(), "--count", "2");
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        assertTrue(done.out().contains("losses of b measure another thing than that of a"), done.out());
        assertTrue(done.out().contains("images of b have another size"), done.out());
        assertTrue(done.out().contains("b has logged no loss"), done.out());
        assertTrue(done.out().contains(c + " draws nothing: "), done.out());
        HtmlPages.check(page(), "Comparison of a, b, c", 3);
    }

    @Test
    void differentEvaluationsAreNotTakenForLike() throws IOException {
        Path a = run("a", "model.im_size=8");
        Path b = run("b", "model.im_size=8", "seed=1");
        Files.writeString(a.resolve("evaluation.json"), "{\"samples\":500,\"data\":\"x\"}");
        Files.writeString(b.resolve("evaluation.json"), "{\"samples\":100,\"data\":\"x\"}");
        CommandRun done = compare(a.toString(), b.toString(), "--count", "2");
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        assertTrue(done.out().contains("differ in samples (500; 100)"), done.out());
        assertFalse(done.out().contains("differ in data"), done.out());
        Files.writeString(a.resolve("evaluation.json"), "{\"samples\":");
        CommandRun torn = compare(a.toString(), b.toString());
        assertEquals(ExitCode.FAILURE, torn.exitCode(), torn.err());
        assertTrue(torn.err().contains("is no JSON"), torn.err());
    }

    @Test
    void runsAreNamed() throws IOException {
        Path a = run("a", "model.im_size=8");
        assertUsage(compare(a.toString()), "RUN");
        assertUsage(compare(a.toString(), a.toString()), "names a run twice");
        assertUsage(compare(a.toString(), folder.resolve("gone").toString()), "there is no such folder");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        assertUsage(compare(a.toString(), empty.toString()), "holds no config.yaml");
    }

    private static void assertUsage(CommandRun done, String part) {
        assertEquals(ExitCode.USAGE, done.exitCode(), done.err());
        assertTrue(done.err().contains(part), done.err());
    }
}
