package ddpm.cli;

import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.testing.Devices;
import ddpm.model.Model;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.checkpoint.CheckpointStore;
import ddpm.train.checkpoint.TrainerState;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The run folder of a model that draws in milliseconds; it is not trained. */
final class TinyRun {
    /** Two levels of few channels, attention at the bottom, 20 timesteps of which ddim visits 4. */
    static final List<String> MODEL = List.of(
            "model.down_channels=[8,16,16]",
            "model.mid_channels=[16,16]",
            "model.down_sample=[true,false]",
            "model.attention=[false,true]",
            "model.norm_groups=4",
            "model.num_heads=2",
            "model.time_emb_dim=16",
            "model.conv_out_channels=8",
            "model.classes=none",
            "diffusion.kind=linear",
            "diffusion.timesteps=20",
            "diffusion.beta_end=0.5",
            "objective.prediction.kind=eps",
            "sample.sampler=ddim",
            "sample.steps=4");

    private TinyRun() {}

    static RunConfig config(String... settings) {
        List<String> all = new ArrayList<>(MODEL);
        all.addAll(List.of(settings));
        return new ConfigLoader("quick").set(all).load();
    }

    /** The options of {@code train} for that model. */
    static List<String> options() {
        return MODEL.stream().flatMap(s -> List.of("--set", s).stream()).toList();
    }

    static Map<String, HostTensor> weights(RunConfig config, long seed) {
        Backend backend = Devices.cpu().backend();
        try (Model net = config.model().create(new Parameters(backend, seed))) {
            return net.parameters().toHost();
        }
    }

    /** Writes config.yaml and a checkpoint; gives the checkpoint's folder. */
    static Path write(Path run, RunConfig config) {
        try {
            Files.createDirectories(run);
            Files.writeString(run.resolve("config.yaml"), config.toYaml());
            return new CheckpointStore(run)
                    .save(new Checkpoint(
                            weights(config, 1), weights(config, 2), Map.of(), new TrainerState(7, 0, 0, 7, 0, 0)))
                    .folder();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
