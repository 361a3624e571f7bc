package ddpm.huggingface;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.disk.AtomicFile;
import ddpm.engine.io.Safetensors;
import ddpm.engine.io.TensorSource;
import ddpm.model.unet2d.UNet2DConfig;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A network as {@code UNet2DModel.from_pretrained} reads it, and beside it what a scheduler's {@code from_pretrained} reads.
 *
 * @param network its settings
 * @param weights by name
 * @param scheduler see {@link SchedulerJson#write}; empty where diffusers has none
 */
public record ModelExport(UNet2DConfig network, Map<String, TensorSource> weights, Optional<ObjectNode> scheduler) {
    // What PyTorch's loaders ask of a file.
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    /**
     * Writes the files into {@code folder}, which is made where there is none.
     *
     * @throws ddpm.DataException naming the file that cannot be written
     */
    public void write(Path folder) {
        // the weights first: a folder with a config.json has them
        AtomicFile.write(
                folder.resolve(ModelFolder.WEIGHTS),
                out -> Safetensors.stream(Channels.newChannel(out), new TreeMap<>(weights), METADATA));
        scheduler.ifPresent(json -> write(folder.resolve(ModelFolder.SCHEDULER), json));
        write(folder.resolve(ModelFolder.CONFIG), UNet2DJson.write(network));
    }

    private static void write(Path file, ObjectNode json) {
        AtomicFile.write(file, out -> out.write(PythonJson.text(json).getBytes(StandardCharsets.UTF_8)));
    }
}
