package ddpm.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packages of the application point one way: a newcomer can read them from the ground up. */
class PackageArrowsTest {
    /** From the ground up. A package names those below its floor, and none beside it. */
    private static final List<List<String>> FLOORS = List.of(
            List.of("ddpm"),
            List.of("ddpm.config", "ddpm.disk", "ddpm.terminal", "ddpm.tensorboard"),
            List.of("ddpm.picture", "ddpm.data", "ddpm.data.fetch", "ddpm.diffusion"),
            List.of("ddpm.data.files", "ddpm.data.cache", "ddpm.data.drawn"),
            List.of("ddpm.data.source", "ddpm.evaluate.measure"),
            List.of("ddpm.evaluate.network"),
            List.of(
                    "ddpm.diffusion.schedule",
                    "ddpm.diffusion.prediction",
                    "ddpm.diffusion.weighting",
                    "ddpm.diffusion.times",
                    "ddpm.diffusion.solver"),
            List.of("ddpm.diffusion.reverse", "ddpm.diffusion.likelihood"),
            List.of("ddpm.diffusion.edit"),
            List.of("ddpm.model"),
            List.of("ddpm.model.unet", "ddpm.model.unet2d", "ddpm.model.dit"),
            List.of("ddpm.model.list"),
            List.of("ddpm.train.settings"),
            List.of("ddpm.huggingface"),
            List.of("ddpm.train.checkpoint"),
            List.of("ddpm.sample"),
            List.of("ddpm.train", "ddpm.evaluate.likelihood"),
            List.of("ddpm.evaluate"),
            List.of("ddpm.train.run"),
            List.of("ddpm.compare"),
            List.of("ddpm.verify.report"),
            List.of("ddpm.verify.vectors", "ddpm.verify.given"),
            List.of(
                    "ddpm.verify.samplers",
                    "ddpm.verify.objectives",
                    "ddpm.verify.evaluation",
                    "ddpm.verify.network",
                    "ddpm.verify.ops"),
            List.of("ddpm.verify", "ddpm.doctor"),
            List.of("ddpm.cli"));

    private static final Pattern ENGINE = Pattern.compile("import (?:static )?ddpm\\.engine\\.([a-z.]+)\\.[A-Z]");

    private final PackageArrows arrows = new PackageArrows(Path.of("src", "main", "java"));

    @Test
    void everyArrowPointsDown() {
        assertEquals(List.of(), arrows.up(FLOORS));
    }

    @Test
    void noPackageReachesItself() {
        assertEquals(List.of(), arrows.circles());
    }

    @Test
    void everyPackageHasAFloor() {
        assertEquals(
                arrows.packages(),
                FLOORS.stream().flatMap(List::stream).sorted().toList());
    }

    /** In the engine a tensor's method records an operation on the tape, which is made of tensors: that circle and no other. */
    @Test
    void theEnginesOnlyCircleIsThatOfTensorsAndTheTape() {
        PackageArrows engine = new PackageArrows(Path.of("..", "engine", "src", "main", "java"));
        assertEquals(List.of("ddpm.engine.autograd", "ddpm.engine.ops", "ddpm.engine.tensor"), engine.circles());
    }

    /** What the program takes from the engine; what else lies there is the engine's own. */
    @Test
    void whatTheProgramUsesOfTheEngine() throws IOException {
        Set<String> used = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                Matcher m = ENGINE.matcher(Files.readString(file));
                while (m.find()) {
                    used.add(m.group(1));
                }
            }
        }
        assertEquals(
                List.of(
                        "autograd",
                        "backend",
                        "backend.cpu",
                        "backend.cpu.memory", // images in a file are gathered from it
                        "backend.cpu.onednn", // doctor: what the CPU can do
                        "backend.cuda", // doctor, and the choice of a device
                        "backend.cuda.load", // doctor: where libraries were looked for
                        "disk",
                        "io",
                        "nn",
                        "ops",
                        "optim",
                        "profile",
                        "random",
                        "tensor"),
                List.copyOf(used));
    }

    /** Imports and full names count, comments, texts and packages from elsewhere do not. */
    @Test
    void circlesAndArrowsAreFound(@TempDir Path sources) throws IOException {
        write(
                sources,
                "a/low/A.java",
                "import java.util.List;\n/** {@link a.high.C} */ class A { String s = \"a.high.C\"; }");
        write(sources, "a/mid/B.java", "import a.low.A;\nclass B { a.high.C c; }");
        write(sources, "a/high/C.java", "import static a.mid.B.x;\nclass C {}");
        PackageArrows found = new PackageArrows(sources);
        assertEquals(List.of("a.high", "a.mid"), found.circles());
        assertEquals(
                List.of("a.mid -> a.high: B.java"),
                found.up(List.of(List.of("a.low"), List.of("a.mid"), List.of("a.high"))));
    }

    private static void write(Path sources, String name, String text) throws IOException {
        Path file = sources.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
