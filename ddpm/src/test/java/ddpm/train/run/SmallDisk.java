package ddpm.train.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A file system of its own, of a size that can be full; skips the test where this user may not mount one. */
final class SmallDisk implements AutoCloseable {
    private final Path path;

    private SmallDisk(Path path) {
        this.path = path;
    }

    static SmallDisk mount(Path parent, String size) throws IOException {
        SmallDisk disk = new SmallDisk(Files.createDirectory(parent.resolve("disk")));
        String problem = run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", disk.path.toString());
        Assumptions.assumeTrue(problem.isEmpty(), "cannot mount a small file system here: " + problem);
        return disk;
    }

    Path path() {
        return path;
    }

    /** Changes it: {@code size=9m}, {@code ro}. */
    void remount(String options) throws IOException {
        String problem = run("mount", "-o", "remount," + options, path.toString());
        if (!problem.isEmpty()) {
            throw new IOException("remount " + options + ": " + problem);
        }
    }

    /** Leaves so many bytes free. */
    void fill(long free) throws IOException {
        long left = Files.getFileStore(path).getUsableSpace() - free;
        Files.write(path.resolve("ballast"), new byte[Math.toIntExact(left)]);
    }

    @Override
    public void close() throws IOException {
        String problem = run("umount", path.toString());
        if (!problem.isEmpty()) {
            throw new IOException("umount " + path + ": " + problem);
        }
    }

    /** What went wrong; empty if nothing. */
    private static String run(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.onExit().join().exitValue() == 0 ? "" : "exit code of " + command[0] + ": " + said;
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
