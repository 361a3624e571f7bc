package ddpm.train.run;

import ddpm.Invocation;
import ddpm.disk.FileSink;
import ddpm.engine.disk.IoReason;
import ddpm.train.checkpoint.RunFiles;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The folder of one training, held by one process at a time.
 *
 * <pre>
 * config.yaml                     fully resolved
 * data.jsonl                      the images the run began with, see DataOfRun
 * metrics.jsonl                   one object per logged step, see MetricsLog
 * evaluations.jsonl               one object per evaluation on the way, see EvaluationLine
 * events.out.tfevents.N.ddpm      the same and the previews for TensorBoard, see RunEvents; one for each time it was resumed
 * loss.png                        the loss over the steps
 * profile.txt, trace.json         one step's work, where train was asked for it by --profile
 * samples/step-NNNNNNNN.png       previews
 * checkpoints/                    see CheckpointStore
 * .lock                           held while a training writes here; stays when it ends
 * </pre>
 */
public final class RunFolder implements AutoCloseable {
    private static final String SAMPLES = "samples";
    private static final String LOCK = ".lock";

    private final Path path;
    private FileChannel lock;
    private Object lockKey; // null where the system has none

    private RunFolder(Path path, FileChannel lock) throws IOException {
        this.path = path;
        this.lock = lock;
        this.lockKey = key(path.resolve(LOCK));
    }

    /**
     * Takes a folder for a training until {@link #close}, creating what is missing.
     *
     * @param out the folder, also one with files of other kinds
     * @param resume whether the run in it goes on; a run is refused without, and required with it
     * @throws RunFolderException when that does not hold, the folder is not writable, or another training has it
     */
    public static RunFolder create(Path out, boolean resume) throws RunFolderException {
        RunFolder folder = null;
        try {
            // A run killed before its config.yaml has only the lock; resuming it starts at step 0.
            if (resume && !RunFiles.isRun(out) && !Files.exists(out.resolve(LOCK))) {
                throw new RunFolderException(
                        "--resume: " + out + " holds no run (no " + RunFiles.CONFIG + ", no " + RunFiles.CHECKPOINTS
                                + "); give the --out of the run, or start a new one without --resume",
                        null);
            }
            Files.createDirectories(out);
            folder = new RunFolder(out, lock(out));
            if (!resume && RunFiles.isRun(out)) {
                throw new RunFolderException(
                        out + " already holds a run; continue it with "
                                + Invocation.command("train", "--resume", "--out", out) + " or choose another --out",
                        null);
            }
            Files.createDirectories(folder.checkpoints());
            Files.createDirectories(out.resolve(SAMPLES));
            return folder;
        } catch (IOException e) {
            if (folder != null) folder.close();
            if (e instanceof RunFolderException r) throw r;
            throw new RunFolderException(
                    out + " cannot be used as run folder: " + IoReason.of(e) + "; choose another --out", e);
        }
    }

    private static FileChannel lock(Path out) throws IOException {
        FileChannel channel = FileChannel.open(
                out.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (tryLock(channel) == null) {
                String holder = readPid(channel);
                throw new RunFolderException(
                        out + " is in use by another training" + holder
                                + "; wait until it ends or choose another --out",
                        null);
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((FileSink.pid() + "\n").getBytes(StandardCharsets.UTF_8)), 0);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** The lock, or null when this or another process has it. The system lets go of it when its process ends. */
    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String readPid(FileChannel channel) {
        try {
            ByteBuffer text = ByteBuffer.allocate(32);
            channel.read(text, 0);
            String pid = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip();
            return pid.matches("\\d+") ? " (process " + pid + ")" : "";
        } catch (IOException e) {
            return ""; // Windows: what is locked cannot be read
        }
    }

    public Path path() {
        return path;
    }

    public Path config() {
        return path.resolve(RunFiles.CONFIG);
    }

    /** Writes config.yaml: the old one or the new one is there at any moment. */
    void writeConfig(RunConfig config) throws RunFolderException {
        try {
            FileSink.DISK.replace(config(), FileSink.Content.of(bytes(config)));
        } catch (IOException e) {
            throw new RunFolderException(
                    config() + " cannot be written: " + IoReason.of(e) + "; free space or choose another --out", e);
        }
    }

    private static byte[] bytes(RunConfig config) {
        return config.toYaml().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Returns where this is still the folder that was taken, so that what is written into it belongs to the run. A lock
     * that somebody removed from the run is taken again.
     *
     * @param config of the run
     * @throws LostFolderException when the folder was removed, moved, or replaced by a file or another folder
     */
    void requireOurs(RunConfig config) throws IOException {
        if (!Files.isDirectory(path)) {
            throw new LostFolderException(path, Files.exists(path) ? "is a file now" : "was removed or moved", null);
        }
        try {
            if (!Objects.equals(lockKey, key(path.resolve(LOCK)))) {
                throw new LostFolderException(path, "was removed, and another run is in its place", null);
            }
        } catch (NoSuchFileException e) {
            if (!Files.exists(config()) || !Arrays.equals(bytes(config), Files.readAllBytes(config()))) {
                throw new LostFolderException(path, "was emptied", e);
            }
            FileChannel again = lock(path);
            lock.close();
            lock = again;
            lockKey = key(path.resolve(LOCK));
        }
    }

    /**
     * Writes config.yaml, the metrics and the evaluations again where somebody has removed them: without them a checkpoint is half a run.
     *
     * @return the names of what was written again
     */
    List<String> complete(RunConfig config, MetricsLog log, Evaluations evaluations) throws IOException {
        List<String> restored = new ArrayList<>();
        if (!Files.exists(config()) || Files.size(config()) == 0) {
            writeConfig(config);
            restored.add(RunFiles.CONFIG);
        }
        if (log.restore()) {
            restored.add(RunFiles.METRICS);
        }
        if (evaluations.restore()) {
            restored.add(RunFiles.EVALUATIONS);
        }
        return restored;
    }

    /** What tells a file from another of the same name; the lock's stays its own while the lock is open. */
    private static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    public Path metrics() {
        return path.resolve(RunFiles.METRICS);
    }

    Path evaluations() {
        return path.resolve(RunFiles.EVALUATIONS);
    }

    /** The loss over the steps, drawn when a training ends. */
    public Path lossChart() {
        return path.resolve("loss.png");
    }

    /** The table of the measured step. */
    Path profile() {
        return path.resolve("profile.txt");
    }

    /** The measured step for chrome://tracing or Perfetto. */
    Path trace() {
        return path.resolve("trace.json");
    }

    /** The preview of a step; its folder exists. */
    public Path samples(long step) {
        return path.resolve(SAMPLES).resolve(String.format(Locale.ROOT, "step-%08d.png", step));
    }

    public Path checkpoints() {
        return path.resolve(RunFiles.CHECKPOINTS);
    }

    /** Lets another training have the folder. */
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": the lock cannot be closed: " + IoReason.of(e), e);
        }
    }
}
