package ddpm.train.checkpoint;

import ddpm.engine.disk.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Files with weights that are not part of a checkpoint of ours: what can be done with each. */
public final class ForeignWeights {
    static final String SAFETENSORS = ".safetensors";

    /** What PyTorch's users call the files of torch.save. */
    private static final List<String> PICKLES = List.of(".pth", ".pt", ".ckpt", ".bin", ".pkl", ".pickle");

    private static final int PROTOCOL = 0x80; // the first byte of a pickle

    private ForeignWeights() {}

    /**
     * Returns where {@code file} may be safetensors.
     *
     * @throws CheckpointException where it is PyTorch's, with the command that converts it, or no weights at all
     */
    static void requireSafetensors(Path file) throws CheckpointException {
        if (isPickle(file)) {
            throw new CheckpointException(conversion(file), null);
        }
        if (!ends(file, List.of(SAFETENSORS))) {
            throw new CheckpointException(
                    file + " is a file, and not one of weights (" + SAFETENSORS
                            + "); give a run folder, one of its checkpoints, or such a file",
                    null);
        }
    }

    /** What to do with the weights that lie in a folder which is no checkpoint; empty where there are none. */
    public static Optional<String> in(Path folder) throws IOException {
        List<Path> files = CheckpointFolder.entries(folder).stream()
                .filter(Files::isRegularFile)
                .sorted()
                .toList();
        Optional<Path> safe =
                files.stream().filter(f -> ends(f, List.of(SAFETENSORS))).findFirst();
        if (safe.isPresent()) {
            return Optional.of("it holds weights under another name; give the file, " + safe.get());
        }
        return files.stream().filter(f -> ends(f, PICKLES)).findFirst().map(ForeignWeights::conversion);
    }

    private static boolean ends(Path file, List<String> endings) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return endings.stream().anyMatch(name::endsWith);
    }

    /** By its content, which may have been given another name: torch.save's archive, or a bare pickle. */
    private static boolean isPickle(Path file) throws CheckpointException {
        if (ends(file, PICKLES)) {
            return true;
        }
        try (InputStream in = Files.newInputStream(file)) {
            int first = in.read();
            return first == 'P' && isArchive(file) || first == PROTOCOL && beginsPickle(in.readNBytes(8));
        } catch (IOException e) {
            throw new CheckpointException(file + " cannot be read: " + IoReason.of(e), e);
        }
    }

    /** The number of the protocol follows; the length of a header of safetensors may begin the same way. */
    private static boolean beginsPickle(byte[] rest) {
        boolean header = rest.length == 8 && rest[6] == 0 && rest[7] == '{';
        return rest.length > 0 && rest[0] >= 2 && rest[0] <= 5 && !header;
    }

    private static boolean isArchive(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.stream().anyMatch(entry -> entry.getName().endsWith("data.pkl"));
        } catch (ZipException e) {
            return false;
        }
    }

    /** What says that a file is PyTorch's, and how to convert it, in one sentence. */
    private static String conversion(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        Path converted = file.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + SAFETENSORS);
        return file + " is a file of PyTorch (a pickle, which may run code when it is read), not " + SAFETENSORS
                + "; convert it with "
                + python(
                        "import torch, safetensors.torch as s",
                        "d = torch.load(" + text(file) + ", map_location='cpu', weights_only=True)",
                        "s.save_file({k: v.contiguous().clone() for k, v in d.get('state_dict', d).items()}, "
                                + text(converted) + ")")
                + " and give " + converted;
    }

    private static String python(String... lines) {
        return "python -c \"" + String.join("; ", lines).replaceAll("([\"$`\\\\])", "\\\\$1") + "\"";
    }

    /** As Python writes it. */
    private static String text(Path file) {
        return "'" + file.toString().replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
