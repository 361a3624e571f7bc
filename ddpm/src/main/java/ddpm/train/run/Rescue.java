package ddpm.train.run;

import ddpm.disk.FileSink;
import ddpm.engine.disk.IoReason;
import ddpm.engine.disk.PathText;
import ddpm.train.checkpoint.CheckpointFolder;
import ddpm.train.checkpoint.CheckpointStore;
import ddpm.train.checkpoint.Snapshot;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a whole run into a folder of its own where the folder that it was in is lost or closed to it: the settings, the
 * metrics and one checkpoint, from which {@code --resume} goes on.
 *
 * @param lost the folder that the run was in
 * @param temporary where to write where that cannot be beside the lost folder
 */
record Rescue(Path lost, Path temporary) {
    private static final String SUFFIX = "-rescued";
    private static final int MOST_NAMES = 1000;

    /** With the system's folder of temporary files. */
    static Rescue of(Path lost) {
        return new Rescue(lost, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /**
     * Writes it beside the lost folder or, where that cannot be, among the temporary files.
     *
     * @param metrics all lines so far
     * @return the new folder
     * @throws IOException when it can be written nowhere; nothing is left of the attempts
     */
    Path write(RunConfig config, byte[] metrics, Snapshot snapshot) throws IOException {
        List<String> reasons = new ArrayList<>();
        for (Path parent : List.of(beside(), temporary)) {
            try {
                return write(parent, config, metrics, snapshot);
            } catch (IOException e) {
                reasons.add((parent.toString().isEmpty() ? "here" : "in " + parent) + ": " + IoReason.of(e));
            }
        }
        throw new IOException(String.join(", ", reasons));
    }

    /** A path that was given relative stays so, for the message. */
    private Path beside() {
        Path parent = lost.getParent();
        return parent == null ? Path.of("") : parent;
    }

    private Path write(Path parent, RunConfig config, byte[] metrics, Snapshot snapshot) throws IOException {
        Files.createDirectories(parent.toAbsolutePath());
        Path folder = fresh(parent);
        try {
            try (RunFolder run = RunFolder.create(folder, false)) {
                run.writeConfig(config);
                FileSink.DISK.write(run.metrics(), FileSink.Content.of(metrics));
                new CheckpointStore(folder).save(snapshot);
            }
            return folder;
        } catch (IOException e) {
            delete(folder, e);
            throw e.getCause() instanceof IOException cause ? cause : e;
        }
    }

    private Path fresh(Path parent) throws IOException {
        String name = PathText.of(lost.toAbsolutePath().normalize()).replaceFirst(".*/", "") + SUFFIX;
        for (int i = 1; i <= MOST_NAMES; i++) {
            Path folder = parent.resolve(PathText.path(i == 1 ? name : name + "-" + i));
            try {
                return Files.createDirectory(folder);
            } catch (FileAlreadyExistsException e) {
                continue; // what was rescued before stays
            }
        }
        throw new FileAlreadyExistsException(parent.resolve(name).toString());
    }

    private static void delete(Path tree, IOException because) {
        try {
            if (Files.isDirectory(tree)) {
                CheckpointFolder.entries(tree).forEach(entry -> delete(entry, because));
            }
            Files.delete(tree);
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }
}
