package ddpm.engine.backend.cuda.load;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.BackendException.Instead;
import ddpm.engine.disk.PathText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A new folder, readable by this user alone, into which natives go from the jar just before they are loaded, and which is
 * deleted as soon as they are: a loaded library needs its file no more. JCuda itself would unpack to a name in the
 * temporary folder that anybody can guess, and load whatever lies there already.
 */
final class NativeFolder implements AutoCloseable {
    private static final String PRIVATE = "rwx------";

    private final Path folder;

    private NativeFolder(Path folder) {
        this.folder = folder;
    }

    /** The places where such a folder may be made, the first that lets libraries be loaded wins. */
    static List<Path> parents(Map<String, String> env) {
        List<Path> parents = new ArrayList<>();
        parents.add(Path.of(System.getProperty("java.io.tmpdir")));
        parents.add(PathText.variable(env.get("XDG_CACHE_HOME"))
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache")));
        return parents;
    }

    static NativeFolder in(Path parent) throws IOException {
        Files.createDirectories(parent);
        Path folder = Files.createTempDirectory(
                parent,
                "ddpm-natives-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
        try {
            requirePrivate(folder);
        } catch (IOException e) {
            Files.delete(folder);
            throw e;
        }
        return new NativeFolder(folder);
    }

    /** Some file systems show their own owner and rights whatever was asked for. @throws IOException saying so */
    static void requirePrivate(Path folder) throws IOException {
        Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        Object user = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (!owner.equals(user)) {
            throw new IOException(folder + " belongs to user " + owner + ", not to " + user);
        }
        String rights = PosixFilePermissions.toString(Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS));
        if (!rights.equals(PRIVATE)) {
            throw new IOException(folder + " has the rights " + rights + ", not " + PRIVATE);
        }
    }

    Path path() {
        return folder;
    }

    /** Writes a native library from the jar, changed on the way. @throws BackendException when the jar has none */
    void extract(String file, UnaryOperator<byte[]> change) throws IOException {
        try (InputStream in = NativeFolder.class.getClassLoader().getResourceAsStream("lib/" + file)) {
            if (in == null) {
                throw new BackendException("cuda: this build has no " + file, "use the released ddpm.jar", Instead.CPU);
            }
            Files.write(folder.resolve(file), change.apply(in.readAllBytes()));
        }
    }

    @Override
    public void close() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
