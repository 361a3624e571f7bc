package ddpm.train.checkpoint;

import ddpm.engine.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Small checkpoints for tests. */
public final class Checkpoints {
    private Checkpoints() {}

    /** A checkpoint whose every file depends on the step. */
    static Checkpoint at(long step) {
        return at(step, 0);
    }

    /** A checkpoint of the same step with other values for every {@code variant}. */
    static Checkpoint at(long step, float variant) {
        Map<String, HostTensor> model =
                Map.of("conv.weight", HostTensor.f32(new long[] {2, 2}, new float[] {step, variant, -1, 0.5f}));
        Map<String, HostTensor> ema =
                Map.of("conv.weight", HostTensor.f32(new long[] {2, 2}, new float[] {step, variant, -2, 0.25f}));
        Map<String, HostTensor> trainer =
                Map.of("adam.m/conv.weight", HostTensor.f32(new long[] {1}, new float[] {step + variant}));
        return new Checkpoint(model, ema, trainer, new TrainerState(step, 1, 64, 64 * step, 0.1 * step, 64));
    }

    /** The names in a folder, sorted. */
    public static List<String> names(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
        names.sort(null);
        return names;
    }
}
