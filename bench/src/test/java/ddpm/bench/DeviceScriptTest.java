package ddpm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts for the minutes with a GPU, as far as they run without one: what they refuse and what they would do. */
class DeviceScriptTest {
    private static final Path BENCH = Path.of("..", "bench");

    private record Ran(int exit, String text) {}

    private static Ran run(String... command) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "needs bash");
        List<String> words = new ArrayList<>(List.of("/bin/bash"));
        words.addAll(List.of(command));
        Process process = new ProcessBuilder(words)
                .directory(BENCH.toFile())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), text);
    }

    private static List<String> planned(String... options) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("device-run.sh", "--dry-run"));
        words.addAll(List.of(options));
        Ran ran = run(words.toArray(String[]::new));
        assertEquals(0, ran.exit(), ran.text());
        return ran.text().lines().toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"device-run.sh", "device-parts.sh", "device-file.sh", "bundle.sh", "compare.sh", "measure.sh"})
    void isBash(String script) throws Exception {
        assertEquals(new Ran(0, ""), run("-n", script));
    }

    @ParameterizedTest
    @ValueSource(strings = {"device-run.sh", "device-file.sh", "bundle.sh"})
    void helps(String script) throws Exception {
        Ran ran = run(script, "--help");
        assertEquals(0, ran.exit(), ran.text());
        assertTrue(ran.text().contains("bench/" + script) || ran.text().contains(script + " --out"), ran.text());
        assertFalse(ran.text().contains("set -euo"), ran.text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "device-run.sh                              | --out DIR is missing",
                "device-run.sh --only 1                     | --out DIR is missing",
                "device-run.sh --out                        | --out needs a value",
                "device-run.sh --out x --budget soon        | --budget takes seconds, not soon",
                "device-run.sh --dry-run --budget 0         | --budget takes seconds, not 0",
                "device-run.sh --dry-run --only 7           | there is no part or unit 7",
                "device-run.sh --dry-run --only 2-imagenet  | there is no part or unit 2-imagenet",
                "device-run.sh --dry-run --simulator .      | holds no libcuda.so.1",
                "device-run.sh --dry-run --bundle no        | there is no no",
                "device-run.sh --fast                       | unknown option --fast",
                "device-file.sh                             | name a folder",
                "device-file.sh --in x                      | unknown option --in",
                "device-file.sh no                          | there is no folder no",
                "bundle.sh -p zip                           | -p takes xz, gz or none, not zip",
                "bundle.sh --data                           | --data needs a value",
            })
    void refuses(String command, String why) throws Exception {
        Ran ran = run(command.split(" +"));
        assertEquals(2, ran.exit(), ran.text());
        assertTrue(ran.text().contains(why) && ran.text().contains("see --help"), ran.text());
    }

    @Test
    void partsComeInTheOrderOfWhatTheyTeach() throws Exception {
        List<String> all = planned("--budget", "99999");
        List<String> parts = all.stream()
                .map(line -> line.substring(0, 1))
                .filter(p -> !p.equals("2"))
                .distinct()
                .toList();
        assertEquals(List.of("1", "3", "4", "5", "6"), parts);
        assertTrue(all.get(0).startsWith("1-found "), all.get(0));
        assertTrue(all.stream().noneMatch(line -> line.contains("left out")), all.toString());
        for (String precision : List.of("bf16", "tf32", "fp32")) {
            for (String workload : List.of("mnist-64", "mnist-256", "cifar-64", "cifar-256")) {
                String unit = "2-" + workload + "-ddpm-" + precision + " ";
                assertEquals(
                        1, all.stream().filter(line -> line.startsWith(unit)).count(), unit);
            }
        }
    }

    /** Nothing makes sense where the GPU cannot be used, so it is always asked. */
    @Test
    void onlyNamesPartsAndBeginningsOfUnits() throws Exception {
        List<String> some = planned("--only", "3,2-mnist-64-ddpm,4-rest");
        List<String> names =
                some.stream().map(line -> line.replaceFirst(" .*", "")).toList();
        assertEquals(
                List.of(
                        "1-found",
                        "2-mnist-64-ddpm-bf16",
                        "2-mnist-64-ddpm-tf32",
                        "2-mnist-64-ddpm-fp32",
                        "3-profile",
                        "4-rest"),
                names);
    }

    @Test
    void whatDoesNotFitIsNamed() throws Exception {
        List<String> some = planned("--only", "5,6", "--budget", "130");
        assertTrue(some.get(1).matches("5-train +150 s expected: left out, 105 s of 130 are left"), some.toString());
        assertTrue(some.get(2).matches("6-memcheck +40 s expected, +90 s at most"), some.toString());
        assertTrue(some.get(3).matches("6-racecheck +40 s expected, +65 s at most"), some.toString());
    }

    @Test
    void rehearsesEveryPart(@TempDir Path simulator) throws Exception {
        Files.createFile(simulator.resolve("libcuda.so.1"));
        List<String> all = planned("--simulator", simulator.toString());
        assertEquals(6, all.stream().map(line -> line.charAt(0)).distinct().count(), all.toString());
    }
}
