package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.drawn.Glyphs;
import ddpm.data.source.DataEnvironment;
import ddpm.picture.ImageGrid;
import ddpm.testing.Offline;
import ddpm.train.settings.ConfigLoader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ddpm evaluate} from the command line to the report, on drawn digits of 12 x 12 pixels. */
class EvaluateCommandTest {
    private static final int SIDE = 12;
    private static final int COUNT = 240;

    /** Shared, so that a network for the same images is taught once. */
    @TempDir
    static Path home;

    @TempDir
    Path folder;

    private Path data;
    private Path run;
    private DataEnvironment environment;

    @BeforeEach
    void draw() throws IOException {
        data = folder.resolve("data");
        pictures(data, 0, COUNT, true);
        run = folder.resolve("run");
        environment = Offline.environment(home);
    }

    /** Drawn digits as PNG files, in a folder for each digit where {@code labelled}. */
    private static void pictures(Path folder, long seed, int count, boolean labelled) throws IOException {
        ImageSet set = Glyphs.draw(
                new DataSpec("glyphs", Channels.GREY, new ImageSize(SIDE, SIDE), seed, count), Long.MAX_VALUE);
        for (int i = 0; i < count; i++) {
            Path file =
                    folder.resolve(labelled ? String.valueOf(i % 10) : "all").resolve(i + ".png");
            ImageGrid.write(file, ImageGrid.grid(new byte[][] {set.images()[i]}, SIDE, SIDE, 1, 1, 0, 1));
            unmark(file);
        }
    }

    /** Without the note by which ddpm knows its own pictures and leaves them out of a training. */
    private static void unmark(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("tEXt") - 4;
        int length = 12 + "Software".length() + 1 + "ddpm".length();
        Files.writeString(file, text.substring(0, at) + text.substring(at + length), StandardCharsets.ISO_8859_1);
    }

    private CommandRun evaluate(String... options) {
        List<String> args = new ArrayList<>(List.of("evaluate", "--device", "cpu"));
        args.addAll(List.of(options));
        return CommandRun.in(environment, args.toArray(String[]::new));
    }

    private static JsonNode json(Path folder) throws IOException {
        return new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("evaluation.json")));
    }

    /** A model that knows classes and has learned nothing. */
    @Test
    void aRunIsJudged() throws IOException {
        TinyRun.write(
                run,
                TinyRun.config(
                        "model.im_size=12",
                        "data.source=" + data,
                        "data.size=12x12",
                        "data.classes=[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]",
                        "model.classes=10"));
        CommandRun done = evaluate("--checkpoint", run.toString(), "--count", "60", "--guidance", "2");
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        assertTrue(done.out().contains("The model is undertrained"), done.out());
        JsonNode json = json(run);
        assertEquals(60, json.path("samples").asInt());
        assertTrue(json.path("features_learned").asBoolean());
        assertTrue(
                json.path("frechet").path("samples").asDouble()
                        > 3 * json.path("frechet").path("real").asDouble(),
                json.toString());
        assertEquals(3, json.path("kid").path("samples_thirds").size());
        JsonNode classes = json.path("classes");
        assertTrue(classes.path("drawn_as_asked").asDouble() < 0.6, classes.toString());
        assertEquals(6, classes.path("of_each").get(7).path("asked").asInt());
        String html = Files.readString(run.resolve("evaluation.html"));
        HtmlPages.check(html, "Evaluation of " + run, 2 + 24);
        assertTrue(Stream.of("precision", "Are they copies?", "What they show").allMatch(html::contains));

        assertTrue(done.out().contains("teaching a small network"), done.out());
        CommandRun again = evaluate("--checkpoint", run.toString(), "--count", "60", "--guidance", "2");
        assertEquals(ExitCode.OK, again.exitCode(), again.err());
        assertFalse(again.out().contains("teaching a small network"), again.out());
        assertEquals(json, json(run));
    }

    /** Every t of 20 and a few of them, of held-out images that a network without a lesson is asked about. */
    @Test
    void bitsOfHeldOutImages() throws IOException {
        TinyRun.write(run, TinyRun.config("model.im_size=12", "data.source=" + data, "data.size=12x12"));
        CommandRun all = evaluate(
                "--checkpoint",
                run.toString(),
                "--count",
                "40",
                "--nll",
                "--nll-count",
                "50",
                "--nll-steps",
                "1000",
                "--batch",
                "16");
        assertEquals(ExitCode.OK, all.exitCode(), all.err());
        JsonNode whole = json(run).path("likelihood");
        assertEquals(40, whole.path("images").asInt(), "no more are held out");
        assertTrue(all.out().contains("bits of 40 images instead of 50"), all.out());
        assertTrue(whole.path("every_t").asBoolean());
        assertEquals(20, whole.path("by_t").size());
        double parts = whole.path("bits_of_t_0").asDouble()
                + whole.path("bits_between").asDouble()
                + whole.path("bits_of_the_end").asDouble();
        double bits = whole.path("bits_per_dimension").asDouble();
        assertEquals(bits, parts, 1e-12 * bits);
        assertTrue(bits > 8, "an untrained model is worse than none");
        double linear =
                whole.path("by_t").get(19).path("each_value_from_itself").asDouble();
        assertTrue(linear > 0 && linear < 1, "a formula guesses some of the noise");
        assertTrue(whole.path("loss").asDouble()
                > whole.path("loss_each_value_from_itself").asDouble());
        assertTrue(all.out().contains("is worse than a formula"), all.out());
        String html = Files.readString(run.resolve("evaluation.html"));
        HtmlPages.check(html, "Evaluation of " + run, 2 + 24 + 2);
        assertTrue(html.contains("How many bits an image costs"));

        CommandRun few = evaluate("--checkpoint", run.toString(), "--count", "40", "--nll", "--nll-steps", "6");
        assertEquals(ExitCode.OK, few.exitCode(), few.err());
        JsonNode part = json(run).path("likelihood");
        assertEquals(6, part.path("calls_per_image").asInt());
        assertTrue(few.out().contains("Every t (--nll-steps 20)"), few.out());
        // of the same images, whose differences the error holds too
        assertEquals(
                bits,
                part.path("bits_per_dimension").asDouble(),
                4 * part.path("error").asDouble());
    }

    /** A flow has a bound too; whose it is not is said. */
    @Test
    void bitsOfAFlow() throws IOException {
        List<String> flow =
                TinyRun.MODEL.stream().filter(s -> !s.startsWith("diffusion.")).collect(Collectors.toList());
        flow.addAll(List.of(
                "model.im_size=12",
                "data.source=" + data,
                "data.size=12x12",
                "diffusion.kind=flow",
                "diffusion.timesteps=20",
                "objective.prediction.kind=velocity",
                "sample.sampler=euler"));
        TinyRun.write(run, new ConfigLoader("quick").set(flow).load());
        CommandRun done = evaluate("--checkpoint", run.toString(), "--count", "40", "--nll", "--nll-steps", "20");
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        assertEquals(0, json(run).path("likelihood").path("bits_of_the_end").asDouble(), 1e-12);
        assertTrue(done.out().contains("following an ODE, whose likelihood is another"), done.out());
    }

    /** Pictures of the training are found out, one and all. */
    @Test
    void copiesAreFound() throws IOException {
        CommandRun done = evaluate(
                "--images",
                data.toString(),
                "--data",
                data.toString(),
                "--out",
                folder.resolve("out").toString());
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        JsonNode json = json(folder.resolve("out"));
        assertEquals(1, json.path("nearest_training_image").path("copies").asDouble());
        assertTrue(json.path("nearest_training_image").path("real_copies").asDouble() < 0.1, json.toString());
        assertTrue(json.path("verdict").asText().startsWith("The model copies"), json.toString());
        assertTrue(done.out().contains("only the first 80 of 240 samples are measured"), done.out());
    }

    /** Digits of one kind are good digits and few kinds; other drawings of all kinds are as good as the data. Without labels too. */
    @Test
    void oneKindIsACollapseAndOtherDrawingsAreGood() throws IOException {
        pictures(folder.resolve("others"), 9, 80, true);
        CommandRun good = evaluate(
                "--images",
                folder.resolve("others").toString(),
                "--data",
                data.toString(),
                "--out",
                folder.resolve("good").toString());
        assertEquals(ExitCode.OK, good.exitCode(), good.err());
        assertTrue(good.out().contains("The model is good"), good.out());

        pictures(folder.resolve("more"), 9, 800, true);
        CommandRun few = evaluate(
                "--images",
                folder.resolve("more").resolve("3").toString(),
                "--data",
                data.toString(),
                "--out",
                folder.resolve("few").toString());
        assertEquals(ExitCode.OK, few.exitCode(), few.err());
        assertTrue(few.out().contains("The model has collapsed"), few.out());
    }

    @Test
    void withoutLabelsItSaysWhatTheFeaturesAreWorth() throws IOException {
        Path plain = folder.resolve("plain");
        pictures(plain, 0, 120, false);
        CommandRun done = evaluate(
                "--images",
                data.toString(),
                "--data",
                plain.toString(),
                "--out",
                folder.resolve("out").toString());
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        assertFalse(json(folder.resolve("out")).path("features_learned").asBoolean());
        assertTrue(done.out().contains("compare these numbers with those of other runs on the same data"), done.out());
        assertFalse(done.out().contains("teaching"), done.out());

        String network = folder.resolve("network.safetensors").toString();
        String out = folder.toString();
        CommandRun unlabelled =
                evaluate("--images", data.toString(), "--data", plain.toString(), "--teach", network, "--out", out);
        assertEquals(ExitCode.USAGE, unlabelled.exitCode(), unlabelled.err());
        assertTrue(unlabelled.err().contains("have no labels"), unlabelled.err());
        CommandRun taught =
                evaluate("--images", plain.toString(), "--data", data.toString(), "--teach", network, "--out", out);
        assertTrue(taught.out().contains("teaching"), taught.err());
        CommandRun with = evaluate(
                "--images",
                data.toString(),
                "--data",
                plain.toString(),
                "--features",
                network,
                "--out",
                folder.resolve("out").toString());
        assertEquals(ExitCode.OK, with.exitCode(), with.err());
        assertTrue(json(folder.resolve("out")).path("features_learned").asBoolean());
    }

    @Test
    void whatCannotBeUsedIsNamed() throws IOException {
        assertUsage(evaluate(), "give the samples by one of --checkpoint, --images and --npy, not 0");
        assertUsage(
                evaluate("--images", data.toString(), "--npy", "a.npy", "--data", "glyphs"),
                "--images and --npy, not 2");
        assertUsage(evaluate("--images", data.toString()), "--data is missing");
        Path few = folder.resolve("few");
        pictures(few, 0, 7, false);
        assertUsage(evaluate("--images", few.toString(), "--data", data.toString()), "7 images say nothing");
        assertUsage(
                evaluate("--images", data.toString(), "--data", data.toString(), "--nll"),
                "pictures alone cannot be asked");
        assertUsage(
                evaluate("--images", data.toString(), "--data", data.toString(), "--nll-steps", "5"),
                "--nll-steps: belongs to --nll");
        TinyRun.write(run, TinyRun.config("model.im_size=8", "data.source=" + data, "data.size=8x8"));
        CommandRun network =
                evaluate("--checkpoint", run.toString(), "--count", "40", "--features", "gone.safetensors");
        assertEquals(ExitCode.FAILURE, network.exitCode(), network.err());
        assertTrue(network.err().contains("gone.safetensors"), network.err());
    }

    private static void assertUsage(CommandRun done, String part) {
        assertEquals(2, done.exitCode(), done.err());
        assertTrue(done.err().contains(part), done.err());
    }
}
