package ddpm.train.checkpoint;

import ddpm.Invocation;
import ddpm.disk.FileSink;
import ddpm.engine.disk.IoReason;
import ddpm.engine.tensor.HostTensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The checkpoints of one run: {@code checkpoints/step-NNNNNNNN/} and {@code checkpoints/latest}, a text that names one; where a
 * training is evaluated on the way, {@code checkpoints/best} too.
 *
 * <p>A folder named {@code step-...} is whole: it was written as {@code .tmp-...}, synced and renamed. Nothing that is
 * in use is written to. One writer at a time: {@link ddpm.train.run.RunFolder} holds the lock.
 */
public final class CheckpointStore {
    private static final int KEEP = 3;
    private static final String LATEST = "latest";
    private static final String BEST = "best";
    private static final int LONGEST_NAME = 64;

    private final Path run;
    private final Path checkpoints;
    private final FileSink sink;

    /** The checkpoints of the run in {@code runFolder}; touches no file. */
    public CheckpointStore(Path runFolder) {
        this(runFolder, FileSink.DISK);
    }

    CheckpointStore(Path runFolder, FileSink sink) {
        this.run = runFolder;
        this.checkpoints = runFolder.resolve(RunFiles.CHECKPOINTS);
        this.sink = sink;
    }

    /**
     * What a save did.
     *
     * @param folder the new checkpoint
     * @param notRemoved what should have gone and could not be deleted; harmless but for its space, tried again next time
     */
    public record Saved(Path folder, List<Path> notRemoved) {}

    /**
     * Saves a checkpoint, makes it the latest, and keeps the last 3 and the best.
     *
     * <p>Older ones are those of smaller steps. Checkpoints of greater steps belong to a course the run left by
     * resuming from an earlier one; they go too. One of the same step is replaced.
     *
     * @throws CheckpointException when a file operation fails; the last good checkpoint stays and the message names it
     */
    public Saved save(Snapshot snapshot) throws CheckpointException {
        Path folder = checkpoints.resolve(CheckpointFolder.name(snapshot.state().step()));
        try {
            sink.createFolder(checkpoints);
            sweep(); // first: what a killed run left may be the space that is missing
            publish(snapshot, folder);
            KeptAverages.of(run).keep(snapshot, sink);
        } catch (IOException e) {
            sweep();
            throw new CheckpointException(
                    "checkpoint " + folder + " could not be saved: " + IoReason.of(e) + "; " + lastGood()
                            + "; free space or make the folder writable and go on with "
                            + Invocation.command("train", "--resume", "--out", run),
                    e);
        }
        return new Saved(folder, prune(snapshot.state().step()));
    }

    /** As {@link #save(Snapshot)}, of what is in host memory. */
    public Saved save(Checkpoint checkpoint) throws CheckpointException {
        return save(Snapshot.of(checkpoint));
    }

    private void publish(Snapshot snapshot, Path folder) throws IOException {
        Path temporary = temporary(folder);
        sink.createFolder(temporary);
        CheckpointFolder.write(sink, temporary, snapshot);
        if (Files.exists(folder)) {
            // Two renames cannot be one: between them the old one is still found under its second name.
            Path aside = CheckpointFolder.aside(folder);
            if (Files.exists(aside)) deleteTree(aside);
            sink.rename(folder, aside);
        }
        sink.rename(temporary, folder);
        sink.syncFolder(checkpoints);
        point(LATEST, folder);
    }

    private void point(String text, Path folder) throws IOException {
        byte[] name = (folder.getFileName() + "\n").getBytes(StandardCharsets.UTF_8);
        sink.replace(checkpoints.resolve(text), FileSink.Content.of(name));
    }

    /**
     * Makes a checkpoint the best: it stays, however many are saved after it, until another one is.
     *
     * @param step of a checkpoint that is there
     * @throws CheckpointException when that cannot be written
     */
    public void markBest(long step) throws CheckpointException {
        try {
            point(BEST, checkpoints.resolve(CheckpointFolder.name(step)));
        } catch (IOException e) {
            throw new CheckpointException(
                    checkpoints.resolve(BEST) + " cannot be written: " + IoReason.of(e)
                            + "; free space or make the folder writable",
                    e);
        }
    }

    /** The best checkpoint; empty where none was marked, or it is not there any more. */
    public Optional<Path> best() throws IOException {
        return named(BEST).filter(Files::isDirectory);
    }

    /** The checkpoint of a step; empty where it is not there or not whole. */
    public Optional<Path> of(long step) {
        return Optional.of(checkpoints.resolve(CheckpointFolder.name(step)))
                .filter(folder -> CheckpointFolder.missing(folder).isEmpty());
    }

    /** Removes all but the checkpoint of {@code step}, the two before it, and the best; gives what is left over. */
    private List<Path> prune(long step) {
        List<Path> left = new ArrayList<>();
        try {
            Set<Long> kept = new HashSet<>();
            Path best = best().orElse(null);
            for (CheckpointFolder folder : CheckpointFolder.in(checkpoints)) {
                boolean recent = kept.size() < KEEP || folder.path().equals(best);
                if (folder.step() <= step && recent && kept.add(folder.step())) continue;
                try {
                    // Renamed first: a kill amid the deletion leaves no folder that looks like a checkpoint.
                    sink.rename(folder.path(), temporary(folder.path()));
                } catch (IOException e) {
                    left.add(folder.path());
                }
            }
        } catch (IOException e) {
            left.add(checkpoints);
        }
        left.addAll(sweep());
        return left;
    }

    /** Deletes everything temporary; gives what could not be deleted. */
    private List<Path> sweep() {
        List<Path> left = new ArrayList<>();
        try {
            for (Path entry : CheckpointFolder.entries(checkpoints)) {
                if (!entry.getFileName().toString().startsWith(FileSink.TEMPORARY)) continue;
                try {
                    deleteTree(entry);
                } catch (IOException e) {
                    left.add(entry);
                }
            }
        } catch (IOException e) {
            left.add(checkpoints);
        }
        return left;
    }

    private void deleteTree(Path root) throws IOException {
        if (Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : CheckpointFolder.entries(root)) deleteTree(entry);
        }
        sink.delete(root);
    }

    private Path temporary(Path folder) {
        return checkpoints.resolve(FileSink.TEMPORARY + folder.getFileName() + "-" + FileSink.pid());
    }

    private String lastGood() {
        try {
            return latest().map(folder -> "the last good checkpoint is " + folder)
                    .orElse("there is no earlier checkpoint");
        } catch (IOException e) {
            return "whether there is an earlier checkpoint cannot be told: " + IoReason.of(e);
        }
    }

    /**
     * The checkpoint to go on from: the one that {@code latest} names, or the newest whole one where that text is
     * missing or names none, as after a kill during the first save. Empty when there is none.
     */
    public Optional<Path> latest() throws IOException {
        Optional<Path> named = named(LATEST);
        if (named.isPresent() && CheckpointFolder.missing(named.get()).isEmpty()) {
            return named;
        }
        return CheckpointFolder.in(checkpoints).stream()
                .map(CheckpointFolder::path)
                .findFirst();
    }

    /** What to tell the user where {@link #latest} is another than {@code latest} names; empty where it is that one. */
    public Optional<String> passedOver() throws IOException {
        return passedOver("going on from ", "there is no other checkpoint, so the training begins anew");
    }

    /** As {@link #passedOver()}, for somebody who only reads. @param instead what is done with another checkpoint */
    public Optional<String> passedOver(String instead, String none) throws IOException {
        Optional<Path> named = named(LATEST);
        if (named.isEmpty() || CheckpointFolder.missing(named.get()).isEmpty()) {
            return Optional.empty();
        }
        String why = Files.isDirectory(named.get())
                ? "lacks " + String.join(", ", CheckpointFolder.missing(named.get()))
                : "is not there";
        String what = latest().map(folder -> instead + folder.getFileName()).orElse(none);
        return Optional.of("the latest checkpoint, " + named.get() + ", " + why + ": " + what);
    }

    /** The folder that {@code latest} or {@code best} names, whole or not. */
    private Optional<Path> named(String text) throws IOException {
        return named(checkpoints.resolve(text));
    }

    private static Optional<Path> named(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > LONGEST_NAME) {
            return Optional.empty();
        }
        String name = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        return CheckpointFolder.isName(name) ? Optional.of(file.resolveSibling(name)) : Optional.empty();
    }

    /**
     * Reads a checkpoint; its weights are not compared with a model, see {@link ddpm.train.Trainer#restore}.
     *
     * @throws CheckpointException when a file is missing, cut short or damaged
     */
    public Checkpoint load(Path checkpointFolder) throws IOException {
        return CheckpointFolder.read(checkpointFolder);
    }

    /**
     * The tensors in one file of a checkpoint, which need not be whole.
     *
     * @param name {@link Checkpoint#MODEL} or {@link Checkpoint#EMA}
     * @throws CheckpointException when it is missing, cut short or damaged
     */
    static Map<String, HostTensor> weights(Path checkpointFolder, String name) throws IOException {
        return CheckpointFolder.readTensors(checkpointFolder, name);
    }

    /**
     * The checkpoint that {@code checkpoints/best} or {@code checkpoints/latest} names; {@code given} itself where it is
     * no such text.
     *
     * @throws CheckpointException when what it names is not there
     */
    static Path follow(Path given) throws IOException {
        Path name = given.getFileName();
        if (name == null || !List.of(BEST, LATEST).contains(name.toString()) || !Files.isRegularFile(given)) {
            return given;
        }
        Path folder = named(given).filter(Files::isDirectory).orElse(null);
        if (folder == null) {
            throw new CheckpointException(
                    given + ": names no checkpoint that is there; give the run, or one of the folders beside that file",
                    null);
        }
        return folder;
    }

    /**
     * The checkpoint folder a user means: the folder itself where it holds the file, the latest where it is a run folder.
     * A folder with weights from elsewhere needs no other file.
     *
     * @param name the file that is needed, {@link Checkpoint#MODEL} or {@link Checkpoint#EMA}
     * @throws CheckpointException when it is neither, or a run without a checkpoint
     */
    public static Path resolve(Path runOrCheckpointFolder, String name) throws IOException {
        Path folder = runOrCheckpointFolder;
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(folder + " is no folder; give a run folder or one of its checkpoints", null);
        }
        if (Files.isRegularFile(folder.resolve(name))) return folder;
        if (CheckpointFolder.missing(folder).size() < CheckpointFolder.FILES.size()) {
            throw new CheckpointException(
                    folder + " is a checkpoint without " + name + "; " + insteadOf(folder, name), null);
        }
        Optional<Path> latest = new CheckpointStore(folder).latest();
        if (latest.isPresent()) return latest.get();
        Optional<String> foreign = ForeignWeights.in(folder);
        if (foreign.isPresent()) {
            throw new CheckpointException(folder + " is no checkpoint: " + foreign.get(), null);
        }
        if (RunFiles.isRun(folder)) {
            throw new CheckpointException(
                    folder + " is a run that has not saved a checkpoint yet; train on with "
                            + Invocation.command("train", "--resume", "--out", folder),
                    null);
        }
        if (!CheckpointFolder.in(folder).isEmpty()) {
            Path run = folder.toAbsolutePath().normalize().getParent();
            throw new CheckpointException(
                    folder + " holds the checkpoints of a run; give the run, " + run + ", or one of them", null);
        }
        throw new CheckpointException(
                folder + " is neither a run folder (it has no checkpoints/) nor a checkpoint (it has no " + name
                        + "); give one of the two",
                null);
    }

    private static String insteadOf(Path folder, String name) {
        boolean ema = name.equals(Checkpoint.EMA);
        String other = ema ? Checkpoint.MODEL : Checkpoint.EMA;
        return Files.isRegularFile(folder.resolve(other))
                ? "--weights " + (ema ? "raw" : "ema") + " takes its " + other
                : "take another checkpoint";
    }
}
