package ddpm.train.checkpoint;

import ddpm.disk.FileSink;
import ddpm.engine.io.Safetensors;
import ddpm.engine.io.SafetensorsException;
import ddpm.engine.io.TensorSource;
import ddpm.engine.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One folder in checkpoints/ that holds all four files.
 *
 * @param path where it is
 * @param step from its name
 * @param replaced named {@code step-NNNNNNNN.old}: moved aside while the same step was saved again, see
 *     {@link CheckpointStore}
 */
public record CheckpointFolder(Path path, long step, boolean replaced) {
    static final List<String> FILES = List.of(Checkpoint.MODEL, Checkpoint.EMA, Checkpoint.TRAINER, Checkpoint.STATE);

    private static final Pattern NAME = Pattern.compile("step-(\\d{8,18})(\\.old)?");
    private static final String REPLACED = ".old";
    // What PyTorch's loaders ask of a file.
    static final Map<String, String> METADATA = Map.of("format", "pt");

    /** The name of a checkpoint: {@code step-00000040}. */
    public static String name(long step) {
        return String.format(Locale.ROOT, "step-%08d", step);
    }

    /** Where an existing checkpoint waits while its step is saved again. */
    static Path aside(Path folder) {
        return folder.resolveSibling(folder.getFileName() + REPLACED);
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** The files that are not there; empty for a whole checkpoint. */
    static List<String> missing(Path folder) {
        return FILES.stream()
                .filter(file -> !Files.isRegularFile(folder.resolve(file)))
                .toList();
    }

    /** What lies in a folder; nothing if there is none. */
    public static List<Path> entries(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(found::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    /** The whole checkpoints in a folder, newest first, a replaced one after its successor; none if it is missing. */
    static List<CheckpointFolder> in(Path checkpoints) throws IOException {
        List<CheckpointFolder> found = new ArrayList<>();
        for (Path entry : entries(checkpoints)) {
            Matcher name = NAME.matcher(entry.getFileName().toString());
            if (name.matches() && missing(entry).isEmpty()) {
                found.add(new CheckpointFolder(entry, Long.parseLong(name.group(1)), name.group(2) != null));
            }
        }
        found.sort(
                Comparator.comparingLong(CheckpointFolder::step).reversed().thenComparing(CheckpointFolder::replaced));
        return found;
    }

    /** Writes the four files into an existing folder and syncs them and it. */
    static void write(FileSink sink, Path folder, Snapshot snapshot) throws IOException {
        writeTensors(sink, folder.resolve(Checkpoint.MODEL), snapshot.model());
        writeTensors(sink, folder.resolve(Checkpoint.EMA), snapshot.ema());
        for (var average : snapshot.averages().entrySet()) {
            writeTensors(sink, folder.resolve(average.getKey()), average.getValue());
        }
        writeTensors(sink, folder.resolve(Checkpoint.TRAINER), snapshot.trainer());
        sink.write(
                folder.resolve(Checkpoint.STATE),
                FileSink.Content.of(snapshot.state().toJson()));
        sink.syncFolder(folder);
    }

    private static void writeTensors(FileSink sink, Path file, Map<String, TensorSource> tensors) throws IOException {
        sink.write(file, channel -> Safetensors.stream(channel, tensors, METADATA));
    }

    /**
     * Reads the four files.
     *
     * @throws CheckpointException when one is missing or damaged; names the other checkpoints of the run
     */
    static Checkpoint read(Path folder) throws IOException {
        List<String> missing = missing(folder);
        try {
            if (!missing.isEmpty())
                throw new CheckpointException(folder + ": lacks " + String.join(", ", missing), null);
            return new Checkpoint(
                    Safetensors.read(folder.resolve(Checkpoint.MODEL)).tensors(),
                    Safetensors.read(folder.resolve(Checkpoint.EMA)).tensors(),
                    averages(folder),
                    Safetensors.read(folder.resolve(Checkpoint.TRAINER)).tensors(),
                    TrainerState.read(folder.resolve(Checkpoint.STATE)));
        } catch (SafetensorsException | CheckpointException e) {
            throw new CheckpointException(e.getMessage() + "; " + others(folder), e);
        }
    }

    private static Map<String, Map<String, HostTensor>> averages(Path folder) throws IOException {
        Map<String, Map<String, HostTensor>> averages = new TreeMap<>();
        for (Path file : entries(folder)) {
            String name = file.getFileName().toString();
            if (name.startsWith("ema-") && name.endsWith(".safetensors")) {
                averages.put(name, Safetensors.read(file).tensors());
            }
        }
        return averages;
    }

    /**
     * Reads the tensors of one of the files, whether the others are there or not.
     *
     * @throws CheckpointException when it is missing or damaged; names the other checkpoints of the run
     */
    static Map<String, HostTensor> readTensors(Path folder, String name) throws IOException {
        try {
            return Safetensors.read(folder.resolve(name)).tensors();
        } catch (SafetensorsException e) {
            throw new CheckpointException(e.getMessage() + "; " + others(folder), e);
        }
    }

    /** Where else the run can go on from, as the end of a sentence about a folder that is of no use. */
    public static String others(Path folder) throws IOException {
        List<String> others = in(folder.toAbsolutePath().getParent()).stream()
                .map(other -> other.path.getFileName().toString())
                .filter(name -> !name.equals(folder.getFileName().toString()))
                .toList();
        if (others.isEmpty()) return "no other checkpoint stands beside it";
        return "remove or rename that folder and the run goes on from " + others.get(0) + " (beside it: "
                + String.join(", ", others) + ")";
    }
}
