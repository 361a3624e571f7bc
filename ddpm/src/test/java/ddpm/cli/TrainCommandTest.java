package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.train.run.TrainRequest;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class TrainCommandTest {
    @TempDir
    Path folder;

    private static TrainRequest request(String... args) {
        TrainCommand command = new TrainCommand();
        new CommandLine(command).parseArgs(args);
        return command.request();
    }

    private static UserError refused(String... args) {
        return assertThrows(UserError.class, () -> request(args));
    }

    private Path run(String preset, String... settings) throws IOException {
        RunConfig config = new ConfigLoader(preset).set(List.of(settings)).load();
        Files.writeString(folder.resolve("config.yaml"), config.toYaml());
        return folder;
    }

    @ParameterizedTest
    @CsvSource({
        "'', quick, cpu",
        "--device cpu, quick, cpu",
        "--device cuda, mnist, cuda",
        "--device cuda --preset quick, quick, cuda",
        "--preset cifar, cifar, cpu"
    })
    void theDefaultPresetFitsTheDevice(String args, String preset, String device) {
        TrainRequest request = request(args.isEmpty() ? new String[0] : args.split(" "));

        assertEquals(preset, request.config().preset());
        assertEquals(Path.of("runs", preset), request.out());
        assertEquals(device, request.device().toString());
        assertFalse(request.resume() || request.dryRun() || request.quiet());
    }

    @Test
    void everyOptionReachesItsSetting() {
        TrainRequest request = request(
                "--data",
                "photos",
                "--channels",
                "3",
                "--size",
                "32x48",
                "--out",
                "there",
                "--precision",
                "bf16",
                "--steps",
                "20",
                "--batch",
                "8",
                "--lr",
                "1e-3",
                "--seed",
                "-7",
                "--save-every",
                "5",
                "--sample-every",
                "0",
                "--dry-run",
                "--quiet",
                "--set",
                "train.beta1=0.8",
                "--set",
                "train.eps=1e-6");

        RunConfig config = request.config();
        assertEquals("photos", config.data().source());
        assertEquals("3", config.data().channels());
        assertEquals("32x48", config.data().size());
        assertEquals(new ImageSize(32, 48), config.model().imSize());
        assertEquals(3, config.model().imChannels());
        assertEquals(Path.of("there"), request.out());
        assertEquals("bf16", config.train().precision());
        assertEquals(20, config.train().steps());
        assertNull(config.train().epochs());
        assertEquals(8, config.train().batch());
        assertEquals(1e-3, config.train().lr());
        assertEquals(-7, config.seed());
        assertEquals(5, config.train().saveEvery());
        assertEquals(0, config.train().sampleEvery());
        assertEquals(0.8, config.train().beta1());
        assertEquals(1e-6, config.train().eps());
        assertTrue(request.dryRun() && request.quiet());
    }

    @Test
    void epochsReplaceThePresetsSteps() {
        RunConfig config = request("--preset", "textures", "--epochs", "2").config();

        assertEquals(2, config.train().epochs());
        assertNull(config.train().steps());
    }

    @Test
    void optionsOverrideSetOverridesFileOverridesPreset() throws IOException {
        Path file =
                Files.writeString(folder.resolve("a.yaml"), "preset: mnist\ntrain: {batch: 1, lr: 0.1, eps: 0.1}\n");

        TrainRequest request =
                request("--batch", "4", "--config", file.toString(), "--set", "train.batch=2", "--set", "train.lr=0.2");

        assertEquals(Path.of("runs", "mnist"), request.out());
        assertEquals(4, request.config().train().batch());
        assertEquals(0.2, request.config().train().lr());
        assertEquals(0.1, request.config().train().eps());
        assertEquals(40, request.config().train().epochs());
    }

    @Test
    void aUsedFolderIsRefusedWithoutResume() throws IOException {
        run("quick");

        UserError error = refused("--out", folder.toString());
        assertEquals(ExitCode.USAGE, error.exitCode());
        assertTrue(
                error.getMessage().contains("already holds a run; go on with it by ddpm train --resume --out "),
                error.getMessage());
        Path file = folder.resolve("config.yaml");
        assertTrue(refused("--out", file.toString()).getMessage().contains("is a file"));
    }

    @Test
    void resumeGoesOnWithTheSettingsOfTheRun() throws IOException {
        run("mnist", "train.batch=32", "seed=5", "train.steps=100");

        TrainRequest plain = request("--resume", "--out", folder.toString());
        assertTrue(plain.resume());
        assertEquals("mnist", plain.config().preset());
        assertEquals(32, plain.config().train().batch());
        assertEquals(5, plain.config().seed());
        assertEquals(100, plain.config().train().steps());

        TrainRequest longer = request("--resume", "--out", folder.toString(), "--steps", "200");
        assertEquals(200, longer.config().train().steps());
    }

    @Test
    void resumeRefusesAnotherPreset() throws IOException {
        run("mnist");
        Path other = Files.writeString(folder.resolve("other.yaml"), "preset: cifar\n");

        String out = folder.toString();
        assertTrue(refused("--resume", "--out", out, "--preset", "quick")
                .getMessage()
                .contains("is of preset mnist"));
        assertTrue(refused("--resume", "--out", out, "--config", other.toString())
                .getMessage()
                .contains("is of preset mnist, not cifar"));
        assertEquals(
                "mnist",
                request("--resume", "--out", out, "--preset", "mnist").config().preset());
    }
}
