package ddpm.huggingface;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import ddpm.UserError;
import ddpm.engine.disk.IoReason;
import ddpm.engine.tensor.HostTensor;
import ddpm.model.unet2d.UNet2DConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A folder as {@code save_pretrained} of diffusers writes it: that of a network, or that of a pipeline with {@code unet} and {@code
 * scheduler} in it.
 *
 * @param config where config.json is
 * @param scheduler where scheduler_config.json is; empty where there is none
 */
public record ModelFolder(Path config, Optional<Path> scheduler) {
    public static final String CONFIG = "config.json";
    public static final String WEIGHTS = "diffusion_pytorch_model.safetensors";
    public static final String SCHEDULER = "scheduler_config.json";

    /** What attention was called before diffusers 0.13; its loader renames them, too. */
    private static final Pattern EARLIER =
            Pattern.compile("(.*attentions\\.\\d+\\.)(query|key|value|proj_attn)(\\..*)");

    private static final Map<String, String> SINCE =
            Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

    /** The one that {@code folder} is; empty where it is none. */
    public static Optional<ModelFolder> in(Path folder) {
        Path unet = folder.resolve("unet").resolve(CONFIG);
        if (Files.isRegularFile(unet)) {
            return Optional.of(
                    new ModelFolder(unet, existing(folder.resolve("scheduler").resolve(SCHEDULER))));
        }
        Path own = folder.resolve(CONFIG);
        return Files.isRegularFile(own)
                ? Optional.of(new ModelFolder(own, existing(folder.resolve(SCHEDULER))))
                : Optional.empty();
    }

    private static Optional<Path> existing(Path file) {
        return Optional.of(file).filter(Files::isRegularFile);
    }

    /** Where the weights are, or should be. */
    public Path weights() {
        return config.resolveSibling(WEIGHTS);
    }

    /** @throws UserError where it is not the network that is known here, see {@link UNet2DJson#read} */
    public UNet2DConfig network() {
        return UNet2DJson.read(config.toString(), json(config));
    }

    /** @throws UserError where it is none of those that are known here, see {@link SchedulerJson#read} */
    public Scheduling scheduling() {
        return scheduler
                .map(file -> SchedulerJson.read(file.toString(), json(file)))
                .orElseGet(Scheduling::assumed);
    }

    /** The tensors under the names that they have by now, in their order. */
    public static Map<String, HostTensor> renamed(Map<String, HostTensor> tensors) {
        Map<String, HostTensor> renamed = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            Matcher earlier = EARLIER.matcher(name);
            renamed.put(
                    earlier.matches() ? earlier.group(1) + SINCE.get(earlier.group(2)) + earlier.group(3) : name,
                    tensor);
        });
        return renamed;
    }

    private static JsonNode json(Path file) {
        // Python writes -Infinity as it is
        JsonMapper mapper = JsonMapper.builder()
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .build();
        try {
            JsonNode node = mapper.readTree(file.toFile());
            if (node != null && node.isObject()) {
                return node;
            }
            throw new UserError(file + ": is not a JSON object; copy the file again");
        } catch (JacksonException e) {
            throw new UserError(file + ": is not JSON: " + e.getOriginalMessage() + "; copy the file again", e);
        } catch (IOException e) {
            throw new UserError(file + ": cannot be read: " + IoReason.of(e), e);
        }
    }
}
