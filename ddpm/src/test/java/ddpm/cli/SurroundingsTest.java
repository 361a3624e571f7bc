package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.picture.ImageGrid;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The program in processes of its own, on machines with another locale, no display, no font or no room for its output. */
@EnabledOnOs(OS.LINUX)
class SurroundingsTest {
    private static final List<String> ARABIC =
            List.of("-Duser.language=ar", "-Duser.country=EG", "-Duser.extensions=u-nu-arab");
    private static final List<String> TURKISH = List.of("-Duser.language=tr", "-Duser.country=TR");

    @TempDir
    Path folder;

    private record Ran(int code, String out, String err) {}

    private final Map<String, String> variables = new TreeMap<>(Map.of("LC_ALL", "C"));
    private final List<String> java = new ArrayList<>();
    private File stdout;

    private Ran run(String... args) throws IOException, InterruptedException {
        return run(List.of(args));
    }

    private Ran run(List<String> args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(java);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(args);
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectError(err.toFile());
        if (stdout != null) {
            builder.redirectOutput(stdout);
        }
        builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
        builder.environment().putAll(variables);
        Process process = builder.start();
        String out;
        try (InputStream in = process.getInputStream()) {
            out = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        return new Ran(process.waitFor(), out, Files.readString(err));
    }

    private void images(String name, int count) throws IOException {
        Path data = Files.createDirectories(folder.resolve(name));
        for (int i = 0; i < count; i++) {
            byte[] pixels = new byte[64];
            Arrays.fill(pixels, (byte) (20 * i));
            pixels[i] = 99;
            try (OutputStream out = Files.newOutputStream(data.resolve(i + ".png"))) { // without our mark
                ImageIO.write(ImageGrid.grid(new byte[][] {pixels}, 8, 8, 1, 1, 0, 1), "png", out);
            }
        }
    }

    private List<String> train(String data, String out) {
        List<String> args = new ArrayList<>(List.of("train", "--device", "cpu", "--precision", "fp32"));
        args.addAll(List.of("--data", data, "--out", out, "--steps", "2", "--batch", "4", "--sample-every", "2"));
        args.addAll(List.of("--set", "train.log_every=1", "--set", "sample.count=2"));
        args.addAll(TinyRun.options());
        return args;
    }

    /** Every file of a run and its bytes; metrics, which hold times, are only named, and event files have times as names. */
    private Map<String, List<Byte>> files(String run) throws IOException {
        Map<String, List<Byte>> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(folder.resolve(run))) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                List<Byte> bytes = new ArrayList<>();
                String name =
                        folder.resolve(run).relativize(file).toString().replaceFirst("tfevents\\.\\d{10}", "tfevents");
                if (!file.endsWith("metrics.jsonl") && !file.endsWith(".lock") && !name.contains("tfevents")) {
                    for (byte b : Files.readAllBytes(file)) {
                        bytes.add(b);
                    }
                }
                files.put(name, bytes);
            }
        }
        return files;
    }

    /** With digits and letters that are not ASCII's; run to step 2, resumed to step 4, then drawn from. */
    @Test
    void theSameNamesAndBytesInEveryLocale() throws Exception {
        images("i", 8);
        Map<String, List<Byte>> one = filesOf("there", ARABIC, TURKISH);
        Map<String, List<Byte>> other = filesOf("back", TURKISH, ARABIC);
        assertTrue(one.containsKey("checkpoints/step-00000004/state.json"), one.keySet()::toString);
        assertEquals(one.keySet(), other.keySet());
        for (var file : one.entrySet()) {
            assertEquals(file.getValue(), other.get(file.getKey()), file.getKey());
        }
    }

    /** Of a run that began and drew in one locale and was resumed in another. */
    private Map<String, List<Byte>> filesOf(String run, List<String> one, List<String> other) throws Exception {
        in(one);
        Ran trained = run(train("i", run));
        assertEquals(0, trained.code(), trained.err());
        in(other);
        Ran resumed = run("train", "--device", "cpu", "--resume", "--steps", "4", "--out", run);
        assertEquals(0, resumed.code(), resumed.err());
        assertTrue(resumed.out().contains("resuming at step 2 in"), resumed.out());
        in(one);
        Ran drawn = run("sample", "--device", "cpu", "--checkpoint", run, "--count", "2", "--grid", run + "/g.png");
        assertEquals(0, drawn.code(), drawn.err());
        return files(run);
    }

    private void in(List<String> locale) {
        java.clear();
        java.addAll(locale);
    }

    /** LC_ALL=C leaves Java without a letter beyond ASCII: folders and files are named with them all the same. */
    @Test
    void namesThatTheLocaleDoesNotKnow() throws Exception {
        images("données", 3);
        Files.move(folder.resolve("données/0.png"), folder.resolve("données/é.png"));

        Ran checked = run("data", "check", "données");
        assertEquals(0, checked.code(), checked.err());
        assertTrue(checked.out().contains("images    3"), checked.out());
        assertTrue(checked.out().contains("rejected  nothing"), checked.out());

        Ran trained = run(train("données", "é"));
        assertEquals(0, trained.code(), trained.err());
        assertTrue(Files.exists(folder.resolve("é/checkpoints/step-00000002/state.json")));
        assertTrue(Files.readString(folder.resolve("é/config.yaml")).contains("données"));

        Ran drawn = run("sample", "--device", "cpu", "--checkpoint", "é", "--count", "1", "--grid", "ü.png");
        assertEquals(0, drawn.code(), drawn.err());
        assertTrue(Files.exists(folder.resolve("ü.png")));
    }

    /** As where DISPLAY names a server that is not there, and /usr/share/fonts is empty. */
    @Test
    void aTrainingNeedsNeitherDisplayNorFonts() throws Exception {
        images("i", 4);
        variables.put("DISPLAY", ":99");
        Path fonts = Files.createDirectories(folder.resolve("nofonts"));
        Path conf = Files.writeString(
                folder.resolve("fonts.conf"),
                "<?xml version=\"1.0\"?><fontconfig><dir>" + fonts + "</dir><cachedir>" + fonts
                        + "</cachedir></fontconfig>");
        variables.put("FONTCONFIG_FILE", conf.toString());
        java.add("-Dsun.java2d.fontpath=" + fonts);
        Ran trained = run(train("i", "run"));

        assertEquals(0, trained.code(), trained.err());
        assertTrue(trained.out().contains("done: 2 steps in run"), trained.out());
        assertTrue(Files.size(folder.resolve("run/loss.png")) > 0);
        assertEquals("", trained.err());
    }

    @Test
    void outputThatIsLostIsAFailureButATrainingGoesOn() throws Exception {
        File full = new File("/dev/full");
        Assumptions.assumeTrue(full.exists());
        images("i", 4);
        stdout = full;
        for (List<String> args : List.of(List.of("presets", "quick"), List.of("--help"), train("i", "run"))) {
            Ran ran = run(args);
            assertEquals(ExitCode.FAILURE, ran.code(), ran.err());
            assertTrue(ran.err().startsWith("ddpm: standard output cannot be written ("), ran.err());
            assertEquals(1, ran.err().lines().count(), ran.err());
        }
        assertTrue(Files.exists(folder.resolve("run/checkpoints/step-00000002/state.json")));
        assertFalse(Files.notExists(folder.resolve("run/loss.png")));
    }
}
