package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.engine.io.Safetensors;
import ddpm.engine.tensor.HostTensor;
import ddpm.huggingface.ModelFolder;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code export --to diffusers}, {@code sample --checkpoint} and {@code info} of what was written. */
class DiffusersFolderTest {
    private static final String[] NETWORK = {
        "model.kind=unet2d",
        "model.im_size=[8,6]",
        "model.block_out_channels=[8,16]",
        "model.attention_head_dim=8",
        "model.norm_num_groups=4",
        "model.layers_per_block=1",
        "model.classes=3",
        "diffusion.kind=linear",
        "diffusion.timesteps=20",
        "diffusion.beta_end=0.5",
        "objective.prediction.kind=eps",
        "sample.sampler=ddpm",
        "sample.spacing=leading"
    };

    @TempDir
    Path folder;

    private Path run;
    private Path exported;

    @BeforeEach
    void train() {
        run = folder.resolve("run");
        RunConfig config = new ConfigLoader("quick").set(List.of(NETWORK)).load();
        TinyRun.write(run, config);
        exported = folder.resolve("exported");
    }

    private static CommandRun of(Object... words) {
        List<String> args = new ArrayList<>();
        for (Object word : words) {
            args.add(word.toString());
        }
        return CommandRun.of(args.toArray(String[]::new));
    }

    private static CommandRun ok(Object... words) {
        CommandRun done = of(words);
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        return done;
    }

    private static void fails(int exitCode, CommandRun done, String... parts) {
        assertEquals(exitCode, done.exitCode(), done.err());
        assertEquals(1, done.err().lines().count(), done.err());
        for (String part : parts) {
            assertTrue(done.err().contains(part), () -> "'" + part + "' is not in: " + done.err());
        }
    }

    private byte[] drawn(Path from, Object... more) throws IOException {
        List<Object> words = new ArrayList<>(List.of("sample", "--checkpoint", from, "--count", 3));
        words.addAll(List.of("--npy", folder.resolve("a.npy")));
        words.addAll(List.of(more));
        ok(words.toArray());
        return Files.readAllBytes(folder.resolve("a.npy"));
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    /** The weights bit for bit in the order of diffusers' files, and the settings; drawn from, the images are the run's. */
    @Test
    void whatIsExportedDrawsTheSameImages() throws IOException {
        CommandRun done = ok("export", run, "--to", "diffusers", exported);
        assertTrue(done.out().contains("DDPMScheduler.from_pretrained"), done.out());
        Path checkpoint = run.resolve("checkpoints/step-00000007");
        Map<String, HostTensor> ema =
                Safetensors.read(checkpoint.resolve(Checkpoint.EMA)).tensors();
        Safetensors.Content weights = Safetensors.read(exported.resolve(ModelFolder.WEIGHTS));
        assertEquals(
                new ArrayList<>(new TreeMap<>(ema).keySet()),
                new ArrayList<>(weights.tensors().keySet()));
        assertEquals(ema, weights.tensors());
        assertEquals(Map.of("format", "pt"), weights.metadata());

        JsonNode config = json(exported.resolve(ModelFolder.CONFIG));
        assertEquals("UNet2DModel", config.path("_class_name").asText());
        assertEquals("[8,6]", config.path("sample_size").toString());
        assertEquals(3, config.path("num_class_embeds").asInt());
        assertEquals(30, config.size());
        assertEquals(
                "fixed_small",
                json(exported.resolve(ModelFolder.SCHEDULER))
                        .path("variance_type")
                        .asText());

        assertArrayEquals(drawn(run), drawn(exported));
        assertArrayEquals(drawn(run), drawn(exported.resolve(ModelFolder.WEIGHTS)));
        assertArrayEquals(drawn(run, "--class", "2"), drawn(exported, "--class", "2"));
        fails(
                ExitCode.USAGE,
                of("export", run, "--to", "diffusers", exported),
                exported + ": holds a network already; name another folder");
    }

    @Test
    void aPipelinesFolderAndNamesOfOld() throws IOException {
        ok("export", run, "--to", "diffusers", exported);
        byte[] want = drawn(exported);
        Path pipeline = folder.resolve("pipeline");
        Path unet = Files.createDirectories(pipeline.resolve("unet"));
        Path scheduler = Files.createDirectories(pipeline.resolve("scheduler"));
        Files.writeString(pipeline.resolve("model_index.json"), "{\"_class_name\": \"DDPMPipeline\"}");
        Files.move(exported.resolve(ModelFolder.CONFIG), unet.resolve(ModelFolder.CONFIG));
        Files.move(exported.resolve(ModelFolder.SCHEDULER), scheduler.resolve(ModelFolder.SCHEDULER));
        Map<String, HostTensor> old = new LinkedHashMap<>();
        Safetensors.read(exported.resolve(ModelFolder.WEIGHTS))
                .tensors()
                .forEach((name, tensor) -> old.put(
                        name.replace("to_q.", "query.")
                                .replace("to_k.", "key.")
                                .replace("to_v.", "value.")
                                .replace("to_out.0.", "proj_attn."),
                        tensor));
        Safetensors.write(unet.resolve(ModelFolder.WEIGHTS), old, Map.of());
        assertArrayEquals(want, drawn(pipeline));
    }

    @Test
    void withoutASchedulerOneIsAssumedAndSaid() throws IOException {
        ok("export", run, "--to", "diffusers", exported, "--weights", "raw");
        Files.delete(exported.resolve(ModelFolder.SCHEDULER));
        CommandRun done = ok(
                "sample",
                "--checkpoint",
                exported,
                "--count",
                3,
                "--sample-steps",
                2,
                "--grid",
                folder.resolve("a.png"));
        assertTrue(done.out().contains("there is no scheduler_config.json: taken are the linear schedule"), done.out());
    }

    @Test
    void whatCannotBeDone() throws IOException {
        ok("export", run, "--to", "diffusers", exported);
        fails(ExitCode.USAGE, of("sample", "--checkpoint", exported, "--ema", "0.05"), "--ema 0.05", "leave it out");
        Path scheduler = exported.resolve(ModelFolder.SCHEDULER);
        Files.writeString(scheduler, "{\"_class_name\": \"LMSDiscreteScheduler\"}");
        fails(
                ExitCode.FAILURE,
                of("sample", "--checkpoint", exported),
                scheduler + ": the scheduler LMSDiscreteScheduler");
        Files.delete(scheduler);
        Files.move(exported.resolve(ModelFolder.WEIGHTS), exported.resolve("diffusion_pytorch_model.bin"));
        fails(
                ExitCode.FAILURE,
                of("sample", "--checkpoint", exported),
                exported + ": there is no " + ModelFolder.WEIGHTS,
                "is a file of PyTorch",
                "convert it with");
        Files.writeString(exported.resolve(ModelFolder.CONFIG), "{");
        fails(ExitCode.FAILURE, of("info", exported), "is not JSON", "copy the file again");

        Path unet = folder.resolve("unet-run");
        TinyRun.write(unet, TinyRun.config());
        fails(
                ExitCode.USAGE,
                of("export", unet, "--to", "diffusers", folder.resolve("b")),
                "its network is not laid out as a UNet2DModel",
                "--set model.kind=unet2d");
        assertFalse(Files.exists(folder.resolve("b")));
        fails(ExitCode.USAGE, of("export", run, "--to", "onnx", folder.resolve("b")), "--to onnx: must be diffusers");
        fails(ExitCode.USAGE, of("info", folder.resolve("none")), "there is no such folder or file");
    }

    @Test
    void infoSaysWhatACheckpointIs() {
        String ours = ok("info", run).out();
        for (String part : List.of(
                "unet2d, ",
                "images      8x6x1\n",
                "schedule    linear: timesteps=20",
                "prediction  eps, variance fixed_small\n",
                "classes     3: 0, 1, 2\n",
                "trained     7 steps\n",
                "drawn with  ddpm, 20 steps",
                "conv_in.weight  ")) {
            assertTrue(ours.contains(part), () -> part + " is not in: " + ours);
        }
        ok("export", run, "--to", "diffusers", exported);
        String theirs = ok("info", exported).out();
        assertTrue(theirs.contains("trained     nothing says how long\n"), theirs);
        assertTrue(theirs.contains("F32 [8, 1, 3, 3]\n"), theirs);
        assertNotEquals(ours, theirs);
        Path unet = folder.resolve("unet-run");
        TinyRun.write(unet, TinyRun.config());
        assertTrue(ok("info", unet).out().contains("unet, "));
    }
}
