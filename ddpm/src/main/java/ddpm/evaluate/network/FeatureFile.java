package ddpm.evaluate.network;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.DataException;
import ddpm.config.ImageSize;
import ddpm.disk.AtomicFile;
import ddpm.disk.Checksum;
import ddpm.engine.backend.Backend;
import ddpm.engine.io.Safetensors;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.TensorException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@link FeatureNet} in a .safetensors file: its parameters, and in the metadata what it takes and tells apart.
 *
 * @param classes names, label by label; empty for none
 * @param images checksum of the images that it learned from
 */
public record FeatureFile(FeatureNet net, List<String> classes, String images) implements AutoCloseable {
    private static final String KIND = "ddpm features 1";
    private static final String NEEDED = "; name a file that evaluate wrote, such as features.safetensors in a cache";
    /** MNIST's, so that nobody waits for it; how it was made is in docs/11-evaluating.md. */
    private static final String MNIST = "/ddpm/evaluate/mnist.safetensors";

    private static final int KEY_BYTES = 16;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @throws DataException where the file is missing, damaged or of another kind */
    public static FeatureFile read(Backend backend, Path file) {
        try {
            Safetensors.Content content = Safetensors.read(file);
            Map<String, String> said = content.metadata();
            if (!KIND.equals(said.get("kind"))) {
                throw new DataException(file + ": is no network for features" + NEEDED);
            }
            List<String> classes = List.of(JSON.readValue(said.get("classes"), String[].class));
            ImageSize size = ImageSize.parse(said.get("size"))
                    .orElseThrow(() -> new DataException(file + ": names no size of images" + NEEDED));
            FeatureNet net = new FeatureNet(
                    Parameters.toLoad(backend),
                    new FeatureNet.Of(size, Integer.parseInt(said.get("channels")), classes.size()));
            net.parameters().load(content.tensors());
            return new FeatureFile(net, classes, said.getOrDefault("images", ""));
        } catch (JacksonException | IllegalArgumentException | TensorException e) {
            throw new DataException(file + ": is damaged (" + e.getMessage() + ")" + NEEDED, e);
        } catch (IOException e) {
            throw new DataException(e.getMessage(), e); // a SafetensorsException: file, problem, remedy
        }
    }

    /** The network that comes with the program for these images; nothing for others than MNIST's. */
    public static Optional<FeatureFile> shipped(Backend backend, String images) {
        try (InputStream in = FeatureFile.class.getResourceAsStream(MNIST)) {
            if (in == null) {
                return Optional.empty();
            }
            Path file = Files.createTempFile("ddpm-features", ".safetensors");
            try {
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                FeatureFile shipped = read(backend, file);
                if (shipped.images.equals(images)) {
                    return Optional.of(shipped);
                }
                shipped.close();
                return Optional.empty();
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new DataException("the network for MNIST cannot be unpacked (" + e.getMessage() + ")", e);
        }
    }

    /** The name, without an ending, by which the network for some images is found again. */
    public static String key(String images) {
        byte[] text = (images + " " + Lessons.SETTINGS).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(Checksum.sha256().digest(text), 0, KEY_BYTES);
    }

    /** Writes it; a reader never sees half a file. */
    public void write(Path file) {
        String names;
        try {
            names = JSON.writeValueAsString(classes);
        } catch (JacksonException e) {
            throw new IllegalStateException("names of classes " + classes, e);
        }
        Map<String, String> said = Map.of(
                "kind",
                KIND,
                "size",
                net.of().size().toString(),
                "channels",
                String.valueOf(net.of().channels()),
                "classes",
                names,
                "images",
                images);
        AtomicFile.write(
                file,
                out -> Safetensors.write(
                        Channels.newChannel(out), net.parameters().toHost(), said));
    }

    @Override
    public void close() {
        net.close();
    }
}
