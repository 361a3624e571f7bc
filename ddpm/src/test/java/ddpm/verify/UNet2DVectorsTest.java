package ddpm.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.io.Safetensors;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.OnEachDevice;
import ddpm.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ddpm verify} on the vectors of the network of diffusers. */
class UNet2DVectorsTest {
    private static final String CASE = "unet2d/tiny/";

    @TempDir
    Path folder;

    /** With those that tell which kind of folder it is. */
    @BeforeEach
    void copy() throws IOException {
        Path golden = Golden.folder("golden2");
        try (Stream<Path> files = Files.walk(golden)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = folder.resolve(golden.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        Files.copy(
                Golden.folder("unet2d").resolve("cifar10_params.json"), folder.resolve("unet2d/cifar10_params.json"));
    }

    private Outcome run() {
        return Outcome.of(Devices.cpu(), folder);
    }

    private static String failure(Outcome run) {
        assertFalse(run.ok());
        assertEquals(1, run.failed().size(), run.text());
        return run.failed().get(0);
    }

    @OnEachDevice
    void allAgree(Device device) {
        Outcome run = Outcome.of(device, folder);
        assertEquals(List.of(), run.failed(), run.text());
        for (String check : List.of(
                "cifar10_params.json, names and shapes",
                "tiny/act/down_blocks.1",
                "tiny/output",
                "tiny/dx",
                "tiny/grad/class_embedding.weight",
                "tiny/gradient_norms, relative")) {
            assertTrue(run.text().contains("unet2d/" + check), check + " in " + run.text());
        }
    }

    @Test
    void anotherOutputAnotherLayoutAndAMissingFileFail() throws IOException {
        Path io = folder.resolve(CASE + "io.safetensors");
        Map<String, HostTensor> tensors =
                new LinkedHashMap<>(Safetensors.read(io).tensors());
        HostTensor output = tensors.get("output");
        float[] values = output.toFloats();
        values[7] += 1e-3f;
        tensors.put("output", HostTensor.f32(output.shape(), values));
        Safetensors.write(io, tensors, Map.of());
        assertTrue(failure(run()).startsWith(CASE + "output"));

        tensors.put("output", output);
        tensors.put("extra", output);
        Safetensors.write(io, tensors, Map.of());
        Outcome extra = run();
        assertTrue(failure(extra).startsWith(CASE + "io.safetensors"), extra.text());
        assertTrue(extra.text().contains("no check covers: extra"), extra.text());

        Path list = folder.resolve("unet2d/cifar10_params.json");
        Files.writeString(list, Files.readString(list).replace("\"conv_in.bias\"", "\"conv_in.shift\""));
        Files.delete(io);
        Outcome missing = run();
        assertEquals(2, missing.failed().size(), missing.text());
        assertTrue(
                missing.text().contains("number 1 is conv_in.bias [128], the reference has conv_in.shift [128]"),
                missing.text());
        assertTrue(missing.text().contains("there is no such file"), missing.text());
    }

    @Test
    void whatTheConfigurationSaysMatters() throws IOException {
        Path config = folder.resolve(CASE + "config.json");
        String text = Files.readString(config);
        Files.writeString(config, text.replace("\"flip_sin_to_cos\": false", "\"flip_sin_to_cos\": true"));
        assertFalse(run().ok());
        Files.writeString(config, text.replace("UNet2DModel", "UNet3DModel"));
        Outcome run = run();
        assertTrue(failure(run).startsWith(CASE), run.text());
        assertTrue(run.text().contains("is of a UNet3DModel; only UNet2DModel is known here"), run.text());
    }
}
