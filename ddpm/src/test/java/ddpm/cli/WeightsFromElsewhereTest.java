package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.io.Safetensors;
import ddpm.engine.tensor.HostTensor;
import ddpm.train.checkpoint.Checkpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ddpm sample --checkpoint} with what other programs leave: single files, other names, PyTorch's own format. */
class WeightsFromElsewhereTest {
    @TempDir
    Path folder;

    private Path run;
    private Path checkpoint;

    @BeforeEach
    void train() {
        run = folder.resolve("run");
        checkpoint = TinyRun.write(run, TinyRun.config("model.im_size=[8,6]"));
    }

    private CommandRun sample(Path from, String... options) {
        List<String> args = new ArrayList<>(List.of("sample", "--checkpoint", from.toString(), "--count", "2"));
        args.addAll(List.of("--npy", folder.resolve("a.npy").toString()));
        args.addAll(List.of(options));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private byte[] drawn(Path from, String... options) throws IOException {
        CommandRun done = sample(from, options);
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        return Files.readAllBytes(folder.resolve("a.npy"));
    }

    private void fails(int exitCode, CommandRun done, String... parts) {
        assertEquals(exitCode, done.exitCode(), done.err());
        assertEquals(1, done.err().lines().count(), done.err());
        for (String part : parts) {
            assertTrue(done.err().contains(part), () -> "'" + part + "' is not in: " + done.err());
        }
    }

    @Test
    void aFileOfWeightsIsDrawnFrom() throws IOException {
        byte[] ema = drawn(run);
        byte[] raw = drawn(run, "--weights", "raw");
        assertArrayEquals(ema, drawn(checkpoint.resolve(Checkpoint.EMA)));
        assertArrayEquals(raw, drawn(checkpoint.resolve(Checkpoint.MODEL)));

        Path foreign = Files.createDirectory(folder.resolve("foreign"));
        Path file = Files.copy(checkpoint.resolve(Checkpoint.MODEL), foreign.resolve("unet.safetensors"));
        fails(ExitCode.FAILURE, sample(file), foreign + ": there is no config.yaml", "preset: mnist");
        Files.copy(run.resolve("config.yaml"), foreign.resolve("config.yaml"));
        assertArrayEquals(raw, drawn(file));
        fails(ExitCode.FAILURE, sample(foreign), foreign + " is no checkpoint", "give the file, " + file);
        fails(ExitCode.USAGE, sample(file, "--weights", "ema"), "--weights ema", "leave it out");
    }

    @Test
    void aPrefixIsNamedAndTakenOff() throws IOException {
        byte[] want = drawn(run);
        Path ema = checkpoint.resolve(Checkpoint.EMA);
        Map<String, HostTensor> prefixed = new LinkedHashMap<>();
        Safetensors.read(ema).tensors().forEach((name, tensor) -> prefixed.put("model._orig_mod." + name, tensor));
        Safetensors.write(ema, prefixed, Map.of());
        CommandRun done = sample(run);
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        assertTrue(done.out().contains(ema + ": took '_orig_mod.' and 'model.' off the names"), done.out());
        assertArrayEquals(want, Files.readAllBytes(folder.resolve("a.npy")));
    }

    /** As torch.save writes them since 1.6: an archive. */
    private static Path archive(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            zip.write(new byte[] {(byte) 0x80, 2, '}', '.'});
            zip.closeEntry();
        }
        return file;
    }

    private static final String[] CONVERSION = {"is a file of PyTorch", "python -c \"import torch, safetensors.torch"};

    @ParameterizedTest
    @ValueSource(strings = {"m.pth", "m.pt", "m.ckpt", "m.bin", "m", "m.safetensors"})
    void aFileOfPyTorchIsNamedWithItsConversion(String name) throws IOException {
        Path file = archive(folder.resolve(name));
        fails(ExitCode.FAILURE, sample(file), CONVERSION);
        fails(ExitCode.FAILURE, sample(file), file + " is", "torch.load('" + file + "'", "m.safetensors");
    }

    @Test
    void aBarePickleIsKnownByItsContent() throws IOException {
        Path file = Files.write(folder.resolve("old"), new byte[] {(byte) 0x80, 2, '}', 'q', 0, '.'});
        fails(ExitCode.FAILURE, sample(file), CONVERSION);
    }

    /** Not a run without a checkpoint, which a --resume would begin anew. */
    @Test
    void aFileOfPyTorchBesideAConfiguration() throws IOException {
        Path foreign = Files.createDirectory(folder.resolve("foreign"));
        Files.copy(run.resolve("config.yaml"), foreign.resolve("config.yaml"));
        archive(foreign.resolve("unet.pth"));
        fails(ExitCode.FAILURE, sample(foreign), CONVERSION);
    }

    @Test
    void anyOtherFileIsNoCheckpoint() throws IOException {
        fails(ExitCode.FAILURE, sample(run.resolve("config.yaml")), "config.yaml is a file, and not one of weights");
        Path cut = Files.write(folder.resolve("cut.safetensors"), new byte[] {(byte) 0x80, 1, 0, 0, 0});
        Files.copy(run.resolve("config.yaml"), folder.resolve("config.yaml"));
        fails(ExitCode.FAILURE, sample(cut), cut + ": ");
    }

    @Test
    void aLatestThatLeadsNowhereIsSaid() throws IOException {
        Files.writeString(run.resolve("checkpoints/latest"), "step-00000099\n");
        CommandRun done = sample(run);
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        fails(ExitCode.OK, done, "step-00000099, is not there: drawing from step-00000007");
    }
}
