package ddpm.train.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.model.unet.UNetConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigLoaderTest {
    @TempDir
    Path folder;

    static List<String> presets() {
        return Presets.names();
    }

    private static RunConfig set(String... settings) {
        return new ConfigLoader("quick").set(List.of(settings)).load();
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("my.yaml"), yaml);
    }

    @Test
    void eachLayerOverridesTheOnesBelow() throws IOException {
        Path file = file("train:\n  batch: 1\n  lr: 0.1\n  beta1: 0.5\n  log_every: 3\n");

        TrainConfig train = new ConfigLoader("quick")
                .file(file)
                .set(List.of("train.batch=2", "train.lr=0.2"))
                .option("--batch", "train.batch", 4)
                .load()
                .train();

        assertEquals(4, train.batch());
        assertEquals(0.2, train.lr());
        assertEquals(0.5, train.beta1());
        assertEquals(3, train.logEvery());
        assertEquals("cosine", train.lrSchedule());
    }

    @Test
    void theOptionOverridesSetWhicheverComesFirst() {
        RunConfig config = new ConfigLoader("quick")
                .option("--lr", "train.lr", 0.5)
                .option("--seed", "seed", null)
                .set(List.of("train.lr=0.1"))
                .load();

        assertEquals(0.5, config.train().lr());
        assertEquals(0, config.seed());
    }

    @Test
    void aFileMayNameThePresetAndPresetOverridesIt() throws IOException {
        Path file = file("preset: cifar\nseed: 9\n");

        RunConfig named = new ConfigLoader("quick").file(file).load();
        assertEquals("cifar", named.preset());
        assertEquals(new ImageSize(32, 32), named.model().imSize());
        assertEquals(9, named.seed());

        RunConfig chosen = new ConfigLoader("quick").preset("mnist").file(file).load();
        assertEquals("mnist", chosen.preset());
        assertEquals(9, chosen.seed());
    }

    @ParameterizedTest
    @CsvSource(value = {"''", "'# nothing\n'", "'train:\n'", "'model:\ntrain: {}\n'"})
    void aFileMayHoldNothing(String yaml) throws IOException {
        assertEquals(
                new ConfigLoader("quick").load(),
                new ConfigLoader("quick").file(file(yaml)).load());
    }

    @ParameterizedTest
    @MethodSource("presets")
    void theResolvedFileGivesTheSameConfigurationAndText(String preset) throws IOException {
        RunConfig config = new ConfigLoader(preset)
                .set(List.of(
                        "train.lr=1.2345678901234567e-5",
                        "seed=-9223372036854775808",
                        "train.steps=12",
                        "data.source='a: #b \"c\"\\é'",
                        "model.im_size=[20, 36]",
                        "model.im_channels=1"))
                .load();

        RunConfig again = new ConfigLoader("quick").file(file(config.toYaml())).load();

        assertEquals(config, again);
        assertEquals(config.toYaml(), again.toYaml());
        assertEquals("a: #b \"c\"\\é", again.data().source());
        assertEquals(Long.MIN_VALUE, again.seed());
    }

    @ParameterizedTest
    @MethodSource("presets")
    void aPrintedPresetIsAConfiguration(String preset) throws IOException {
        assertEquals(
                new ConfigLoader(preset).load(),
                new ConfigLoader("quick").file(file(Presets.yaml(preset))).load());
    }

    @Test
    void valuesAreReadAsAPersonWritesThem() {
        RunConfig config = set(
                "train.lr=2e-4",
                "train.steps=1e4",
                "data.channels=3",
                "data.source=",
                "train.eps=1e-8",
                "model.down_channels=[8, 16, 24, 24]",
                "model.mid_channels=[24,24]");

        assertEquals(2e-4, config.train().lr());
        assertEquals(10_000, config.train().steps());
        assertEquals("3", config.data().channels());
        assertNull(config.data().source());
        assertEquals(List.of(24, 24), ((UNetConfig) config.model()).midChannels());
    }

    @Test
    void ofStepsAndEpochsTheLaterLayerGoverns() throws IOException {
        Path steps = file("train: {steps: 500}");
        TrainConfig fromFile = new ConfigLoader("quick").file(steps).load().train();
        assertEquals(500, fromFile.steps());
        assertNull(fromFile.epochs());

        TrainConfig epochs = new ConfigLoader("quick")
                .file(steps)
                .set(List.of("train.epochs=3"))
                .load()
                .train();
        assertNull(epochs.steps());
        assertEquals(3 * 3, epochs.totalSteps(65));

        TrainConfig both = set("train.epochs=3", "train.steps=5").train();
        assertEquals(5, both.totalSteps(1000), "steps win where one layer gives both");
    }

    @Test
    void sizeAndChannelsOfDataAndModelFollowEachOther() {
        RunConfig byData = set("data.size=32x48", "data.channels=3");
        assertEquals(new ImageSize(32, 48), byData.model().imSize());
        assertEquals(3, byData.model().imChannels());
        assertEquals(3, byData.model().outChannels());

        RunConfig byModel = set("model.im_size=[16, 20]", "model.im_channels=3");
        assertEquals("16x20", byModel.data().size());
        assertEquals("3", byModel.data().channels());
        assertEquals("24x24", set("model.im_size=24").data().size());
    }

    /** YAML reads 16 as a number. */
    @Test
    void aSquareMayBeOneNumber() throws IOException {
        for (RunConfig config : List.of(
                set("data.size=16"),
                set("data.size='16'"),
                new ConfigLoader("quick").file(file("data: {size: 16}")).load(),
                new ConfigLoader("textures").set(List.of("data.size=16")).load())) {
            assertEquals(new ImageSize(16, 16), config.model().imSize());
            assertEquals(new ImageSize(16, 16), config.data().imageSize().orElseThrow());
        }
    }

    /** What nobody set cannot contradict what somebody did. */
    @Test
    void whoSetsOneOfAPairLeavesTheOther() throws IOException {
        RunConfig out = set("model.out_channels=3");
        assertEquals("3", out.data().channels());
        assertEquals(3, out.model().imChannels());

        Path complete = Files.writeString(
                folder.resolve("run.yaml"), set("model.im_channels=1").toYaml());
        RunConfig coloured = new ConfigLoader("quick")
                .file(complete)
                .option("--channels", "data.channels", "3")
                .load();
        assertEquals(3, coloured.model().outChannels());

        assertEquals(1000, set("sample.sampler=ddpm").sample().steps());
        assertEquals(
                10,
                set("diffusion.kind=linear", "diffusion.timesteps=10", "diffusion.beta_end=0.5")
                        .sample()
                        .steps());
        assertEquals(20, set("diffusion.timesteps=400").sample().steps());
        Path ddpm = Files.writeString(folder.resolve("ddpm.yaml"), "sample: {sampler: ddpm}");
        RunConfig fewer = new ConfigLoader("quick")
                .file(ddpm)
                .set(List.of("sample.steps=50"))
                .load();
        assertEquals("ddpm", fewer.sample().sampler());
        RunConfig shorter = new ConfigLoader("quick")
                .file(ddpm)
                .set(List.of("diffusion.timesteps=500"))
                .load();
        assertEquals(500, shorter.sample().steps());

        UNetConfig two = (UNetConfig) set("model.down_channels=[16, 32, 64]").model();
        assertEquals(List.of(64, 64, 32), two.midChannels());
        assertEquals(List.of(true, true), two.downSample());
        assertEquals(List.of(false, false), two.attention());
        UNetConfig four =
                (UNetConfig) set("model.down_channels=[16, 16, 32, 32, 64]").model();
        assertEquals(List.of(64, 64, 32), four.midChannels());
        assertEquals(List.of(true, true, false, false), four.downSample());
        assertThrows(UserError.class, () -> set("model.down_channels=[16, 32]", "model.mid_channels=[64, 16]"));
    }

    @Test
    void imagesAsFoundSettleBothSections() {
        RunConfig config = new ConfigLoader("quick").load().forImages(3, new ImageSize(40, 30));

        assertEquals("3", config.data().channels());
        assertEquals("40x30", config.data().size());
        assertEquals(3, config.model().outChannels());
        assertTrue(config.validate().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "train.bach=3            | train.bach: unknown key; did you mean train.batch? (from --set train.bach=3)",
                "batch=3                 | batch: unknown key; did you mean train.batch?",
                "trian.batch=3           | trian: unknown key",
                "model.lr=3              | model.lr: unknown key; did you mean train.lr?",
                "train.momentum_x=3      | train.momentum_x: unknown key; known are epochs, steps, batch",
                "train.batch=many        | train.batch: expected an integer, got \"many\" (from --set train.batch=many)",
                "train.batch=1.5         | train.batch: expected an integer of at most 2147483647, got 1.5",
                "train.batch=3000000000  | train.batch: expected an integer of at most 2147483647, got 3000000000",
                "train.batch=            | train.batch: expected an integer, got null",
                "train.batch=[1]         | train.batch: expected an integer, got [1]",
                "train.batch.x=1         | train.batch: expected an integer, got a section of keys",
                "train=5                 | train: expected a section of keys, got 5",
                "train.lr=fast           | train.lr: expected a number, got \"fast\"",
                "train.lr=1e999          | train.lr: expected a finite number, got \"Infinity\"",
                "train.stratified_t=2    | train.stratified_t: expected true or false, got 2",
                "data.flip=1             | data.flip: expected true or false, got 1",
                "train.batch=0           | train.batch: must be at least 1, got 0 (from --set train.batch=0)",
                "train.lr=0              | train.lr: must be above 0 and at most 1, got 0.0",
                "train.steps=0           | train.steps: must be at least 1",
                "train.epochs=-1         | train.epochs: must be at least 1",
                "train.steps=            | train.epochs: how long to train is not set; give train.epochs or train.steps",
                "train.beta1=1           | train.beta1: must be at least 0 and below 1, got 1.0",
                "train.beta2=-0.1        | train.beta2: must be at least 0",
                "train.eps=0             | train.eps: must be above 0",
                "train.weight_decay=-1   | train.weight_decay: must be from 0 to 1",
                "train.warmup_steps=-1   | train.warmup_steps: must be at least 0",
                "train.clip_grad_norm=-1 | train.clip_grad_norm: must be at least 0",
                "train.ema_decay=1       | train.ema_decay: must be at least 0 and below 1",
                "train.optimizer=sgd     | train.optimizer: must be adam or adamw, got \"sgd\"",
                "train.lr_schedule=step  | train.lr_schedule: must be constant, cosine or linear",
                "train.precision=fp16    | train.precision: must be auto, fp32, tf32 or bf16, got \"fp16\"",
                "train.log_every=0       | train.log_every: must be at least 1",
                "train.save_every=0      | train.save_every: must be at least 1",
                "train.sample_every=-1   | train.sample_every: must be at least 0",
                "train.evaluate_every=-1 | train.evaluate_every: must be at least 0",
                "train.evaluate_count=29 | train.evaluate_count: must be at least 30",
                "train.stop=flat         | train.stop: must be steps or plateau, got \"flat\"",
                "train.stop=plateau      | train.stop: plateau is found by evaluations, and there are none; set train.eval",
                "train.patience=0        | train.patience: must be at least 1",
                "diffusion.timesteps=1   | diffusion.timesteps: must be from 2 to",
                "diffusion.beta_start=0  | diffusion.beta_start: must be above 0 and below 1",
                "diffusion.beta_end=1    | diffusion.beta_end: must be above 0 and below 1",
                "diffusion.beta_end=.5   | diffusion.beta_end: 0.5 over 1000 timesteps leaves nothing of the image; lower",
                "diffusion.beta_start=.5 | diffusion.beta_end: 0.02 is below diffusion.beta_start=0.5",
                "sample.sampler=plm      | sample.sampler: there is no sampler \"plm\"; did you mean plms?",
                "sample.steps=1001       | sample.steps: must be from 1 to the 1000 of diffusion.timesteps, got 1001",
                "sample.eta=1.5          | sample.eta: must be from 0 to 1",
                "sample.spacing=even     | sample.spacing: must be trailing, leading, linspace or karras",
                "sample.count=0          | sample.count: must be at least 1",
                "data.channels=4         | data.channels: must be auto, 1 or 3, got \"4\"",
                "data.size=32x           | data.size: expected HxW such as 32x32, got \"32x\"",
                "data.source='  '        | data.source: is empty",
                "model.out_channels=2    | model.out_channels: 2 differs from model.im_channels=1",
                "model.norm_groups=24    | groups=24 does not divide C=16",
                "preset=mnist            | --set preset=mnist: the preset is chosen with --preset",
                "train.batch             | --set train.batch: expected key.path=value",
                "=3                      | --set =3: expected key.path=value",
                "train..batch=3          | expected key.path=value",
                "train.batch=[           | --set train.batch=[, line 1"
            })
    void saysWhatIsWrongWithASetting(String setting, String fragment) {
        var error = assertThrows(UserError.class, () -> set("diffusion.kind=linear", setting));

        assertEquals(UserError.USAGE, error.exitCode());
        assertTrue(error.getMessage().contains(fragment), error.getMessage());
    }

    @Test
    void contradictionsAreNotResolvedInSilence() {
        var size = assertThrows(UserError.class, () -> set("data.size=32x32", "model.im_size=28"));
        assertTrue(size.getMessage().contains("model.im_size: 28x28 differs from data.size=32x32"), size.getMessage());

        var channels = assertThrows(UserError.class, () -> set("data.channels=3", "model.im_channels=1"));
        assertTrue(channels.getMessage().contains("model.im_channels: 1 differs from data.channels=3"));

        var steps = assertThrows(UserError.class, () -> set("sample.sampler=dpmpp_2m", "sample.steps=1"));
        assertTrue(
                steps.getMessage().contains("sample.steps: dpmpp_2m needs at least 2 steps, got 1"),
                steps.getMessage());

        var eps = assertThrows(UserError.class, () -> set("objective.prediction=eps", "diffusion.zero_snr=true"));
        assertTrue(eps.getMessage().contains("objective.prediction.kind: eps says nothing"), eps.getMessage());

        var out = assertThrows(UserError.class, () -> set("model.im_channels=1", "model.out_channels=3"));
        assertTrue(out.getMessage().contains("model.out_channels: 3 differs from model.im_channels=1"));

        var path = assertThrows(UserError.class, () -> set("train=1", "train.batch=2"));
        assertTrue(path.getMessage().contains("train is a value, not a section"), path.getMessage());
    }

    @Test
    void allProblemsAreListedAtOnce() {
        var error = assertThrows(
                UserError.class, () -> set("train.batch=0", "model.time_emb_dim=3", "sample.eta=7", "data.channels=x"));

        assertEquals(5, error.getMessage().lines().count(), error.getMessage());
        assertTrue(error.getMessage().startsWith("4 problems in the configuration:\n  data.channels: "));
    }

    @Test
    void ofTwoSettingsWithOneKeyTheLastWins() {
        assertEquals(7, set("train.batch=6", "train.batch=7").train().batch());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`train:\n  bach: 3`        | train.bach: unknown key; did you mean train.batch? (from",
                "`preset: mnits`            | preset: there is no preset \"mnits\"; did you mean mnist?",
                "`- a`                      | expected keys such as \"train:\"",
                "`train: {batch: 1, batch: 2}` | my.yaml, line 1",
                "`model:\n  down_channels: [16, -32, 64, 64]` | model.down_channels[1]: must be at least 1, got -32 (from"
            })
    void saysWhatIsWrongWithAFile(String yaml, String fragment) throws IOException {
        Path file = file(yaml);
        var error = assertThrows(
                UserError.class, () -> new ConfigLoader("quick").file(file).load());

        assertTrue(error.getMessage().contains(fragment), error.getMessage());
        assertTrue(error.getMessage().contains("my.yaml"), error.getMessage());
    }

    @Test
    void aFileThatCannotBeReadIsNamed() throws IOException {
        Path binary = Files.write(folder.resolve("x.bin"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});

        for (var bad : List.of(folder.resolve("none.yaml"), folder, binary)) {
            var error = assertThrows(UserError.class, () -> new ConfigLoader("quick").file(bad));
            assertTrue(error.getMessage().startsWith("--config " + bad + ": "), error.getMessage());
        }
    }
}
