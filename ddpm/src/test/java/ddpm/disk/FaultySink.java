package ddpm.disk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The real disk, though nobody waits for it, until the k-th operation goes wrong. */
public final class FaultySink implements FileSink {
    /** What happens to the k-th operation and those after it. */
    public enum Fault {
        /** It fails, the later ones work: a moment without space. */
        ONCE,
        /** It and all later ones fail: the disk is gone. */
        FOR_GOOD,
        /** The process is killed in it: nothing runs after it, no cleaning up either. */
        KILL
    }

    /** Stands for kill -9: not an exception that the code under test may catch. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** A save that syncs takes some 50 ms, and the tests save thousands of times. */
    public static final FileSink UNSYNCED = new DiskSink(false);

    private interface Action {
        void run() throws IOException;
    }

    /** Operations asked for, with the last names of their paths. */
    public final List<String> log = new ArrayList<>();

    private final Fault fault;
    private final int failAt;
    private final boolean late;

    /**
     * @param failAt counts from 1
     * @param late whether the failing operation has its effect and then reports failure; a write that fails early has
     *     put half of its bytes
     */
    public FaultySink(Fault fault, int failAt, boolean late) {
        this.fault = fault;
        this.failAt = failAt;
        this.late = late;
    }

    /** A sink where nothing fails, to read the log. */
    public static FaultySink none() {
        return new FaultySink(Fault.ONCE, Integer.MAX_VALUE, false);
    }

    public boolean reached() {
        return log.size() >= failAt;
    }

    private void run(String operation, Action whole, Action half) throws IOException {
        log.add(operation);
        boolean fails = log.size() == failAt || log.size() > failAt && fault != Fault.ONCE;
        if (!fails) {
            whole.run();
            return;
        }
        if (log.size() == failAt) (late ? whole : half).run();
        if (fault == Fault.KILL) throw new Killed();
        throw new IOException("No space left on device");
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        run("createFolder " + folder.getFileName(), () -> UNSYNCED.createFolder(folder), () -> {});
    }

    @Override
    public void write(Path file, Content content) throws IOException {
        Content half = channel -> {
            var bytes = new ByteArrayOutputStream();
            try (WritableByteChannel memory = Channels.newChannel(bytes)) {
                content.writeTo(memory);
            }
            channel.write(ByteBuffer.wrap(bytes.toByteArray(), 0, bytes.size() / 2));
        };
        run("write " + file.getFileName(), () -> UNSYNCED.write(file, content), () -> UNSYNCED.write(file, half));
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        run("syncFolder " + folder.getFileName(), () -> UNSYNCED.syncFolder(folder), () -> {});
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        String names = from.getFileName() + " " + to.getFileName();
        run("rename " + names, () -> UNSYNCED.rename(from, to), () -> {});
    }

    @Override
    public void delete(Path path) throws IOException {
        run("delete " + path.getFileName(), () -> UNSYNCED.delete(path), () -> {});
    }
}
