package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.train.TinyRun;
import ddpm.train.settings.RunConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A config.yaml of a run that is not whole must never be read as other settings. */
class RunConfigFileTest extends FourSteps {
    @Test
    void aDamagedConfigurationIsNamed() throws IOException {
        copyFourSteps();
        Path config = run.resolve("config.yaml");
        String text = Files.readString(config);
        Files.writeString(config, text.replace("batch: 8", "bach: 8"));
        resume(run, "").failed(2, "train.bach: unknown key; did you mean train.batch?", config.toString());
        Files.writeString(config, text.replace("batch: 8", "batch: [8"));
        resume(run, "").failed(2, config.toString(), "not valid YAML", "put a copy of it back");
        Files.delete(config);
        resume(run, "").failed(2, config + " is missing; it says what model", "ddpm presets quick");
        train(run, "").failed(2, run + " already holds a run");
    }

    /** A default in place of what is lost would be another model, or other images. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "empty    | is empty; it says what model",
                "blank    | is empty",
                "zeros    | is empty",
                "comment  | holds no setting",
                "value    | holds no keys",
                "cut      | is cut short: it ends in line",
                "section  | is cut short: it ends in line",
                "line     | is cut short: its last line",
                "amid     | is cut short: it ends amid line",
                "binary   | is not UTF-8 text",
                "folder   | is a folder"
            })
    void aConfigurationThatIsNotWholeIsNoConfiguration(String damage, String said) throws IOException {
        copyFourSteps();
        Path config = run.resolve("config.yaml");
        String text = Files.readString(config);
        switch (damage) {
            case "empty" -> Files.writeString(config, "");
            case "blank" -> Files.writeString(config, "\n \n");
            case "zeros" -> Files.write(config, new byte[4096]);
            case "comment" -> Files.writeString(config, text.substring(0, 30));
            case "value" -> Files.writeString(config, "mnist");
            case "cut" -> Files.writeString(config, text.substring(0, text.indexOf("batch: 8") + 7));
            case "section" -> Files.writeString(config, text.substring(0, text.indexOf("\nsample:") + 1));
            case "amid" -> Files.writeString(config, text.substring(0, text.indexOf("down_channels") + 20));
            case "line" -> Files.writeString(config, text.stripTrailing());
            case "binary" -> Files.write(config, new byte[] {(byte) 0xff, (byte) 0xfe, 3});
            default -> {
                Files.delete(config);
                Files.createDirectory(config);
            }
        }
        Map<String, String> before = TinyRun.files(run);
        resume(run, "--steps 6").failed(2, config + " " + said);
        Ran.of("sample", "--checkpoint", run.toString(), "--npy", folder + "/a.npy")
                .failed(2, config + " " + said);
        assertEquals(before, TinyRun.files(run));
    }

    @Test
    void aConfigurationOfANewerVersionIsNamedAsThat() throws IOException {
        copyFourSteps();
        Path config = run.resolve("config.yaml");
        String newer = "if a newer version of ddpm wrote that file, go on with that version";
        String text = Files.readString(config);
        Files.writeString(config, text.replace("  batch: 8", "  fancy: 3\n  batch: 8"));
        resume(run, "").failed(2, "train.fancy: unknown key", config.toString(), newer);
        Files.writeString(config, text + "rewards:\n  weight: 1\n");
        resume(run, "").failed(2, "rewards: unknown key", newer);
        Files.writeString(config, text.replace("preset: mnist", "preset: video"));
        resume(run, "").failed(2, "there is no preset \"video\"", newer);
    }

    /** One that a person wrote may leave settings to its preset. */
    @Test
    void aConfigurationThatAPersonWroteNeedNotBeComplete() throws IOException {
        copyFourSteps();
        Path config = run.resolve("config.yaml");
        String all = Files.readString(config).replace(RunConfigFile.HEADER, "");
        Files.writeString(config, all.substring(0, all.indexOf("\nsample:") + 1));
        resume(run, "--steps 5").ok();
    }
}
