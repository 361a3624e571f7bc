package ddpm.engine.backend.cpu.onednn;

import com.sun.jna.Platform;
import ddpm.engine.backend.BackendException;
import ddpm.engine.disk.IoReason;
import ddpm.engine.disk.PathText;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;
import org.bytedeco.javacpp.Loader;

/**
 * The folder into which the libraries of the jar are unpacked, once for all runs: JavaCPP's cache in the home folder, or
 * what its property names. Left to themselves JavaCPP would go on in silence to a folder below /tmp that others may have
 * made, and JNA would unpack a file in every run and have it deleted at the end, which fails where the end comes first.
 */
final class NativeCache {
    /** JavaCPP's own. */
    static final String PROPERTY = "org.bytedeco.javacpp.cachedir";

    private static final String REMEDY = "name another with java -D" + PROPERTY
            + "=DIR -jar ...: a folder of yours that can be written, has 100 MB free and is not mounted noexec";

    private NativeCache() {}

    /**
     * Chooses the folder; to be called before the first class of oneDNN is loaded.
     *
     * @param say takes a line where it is not the usual one
     * @throws BackendException where libraries cannot be loaded from it: reason and remedy
     */
    static void prepare(Consumer<String> say) {
        String named = System.getProperty(PROPERTY);
        Path chosen = named != null ? requireUsable(named) : ofUser(say);
        System.setProperty(PROPERTY, chosen.toAbsolutePath().toString());
    }

    private static Path requireUsable(String named) {
        try {
            Path folder = PathText.path(named);
            requireUsable(folder);
            return folder;
        } catch (IOException e) {
            throw new BackendException(
                    "cpu: native libraries cannot be loaded from " + named + " (" + IoReason.of(e) + ")",
                    REMEDY,
                    null,
                    e);
        } catch (InvalidPathException e) {
            throw new BackendException("cpu: -D" + PROPERTY + "=" + named + " names no folder", REMEDY, null, e);
        }
    }

    /** In the home folder; a user without a usable one, as in many containers, gets one in the temporary folder. */
    private static Path ofUser(Consumer<String> say) {
        String home = System.getProperty("user.home");
        String why = "there is no home folder";
        if (home != null && !home.isBlank() && !home.equals("?")) {
            Path usual = Path.of(home, ".javacpp", "cache");
            try {
                requireUsable(usual);
                return usual;
            } catch (IOException e) {
                why = usual + " cannot be used: " + IoReason.of(e);
            }
        }
        Path other = Path.of(System.getProperty("java.io.tmpdir"), "ddpm-natives-" + user());
        try {
            createPrivate(other);
            requireUsable(other);
        } catch (IOException e) {
            throw new BackendException(
                    "cpu: native libraries cannot be loaded: " + why + ", and " + other + " neither: " + IoReason.of(e),
                    REMEDY,
                    null,
                    e);
        }
        say.accept("native libraries are unpacked into " + other + ", since " + why + "; name another folder with -D"
                + PROPERTY);
        return other;
    }

    private static Object user() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException notLinux) {
            return System.getProperty("user.name");
        }
    }

    private static void createPrivate(Path folder) throws IOException {
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("it is not a folder");
            }
        } else if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectory(folder);
        }
    }

    /** @throws IOException where a library in {@code folder} could not be loaded, or might be somebody else's */
    static void requireUsable(Path folder) throws IOException {
        Files.createDirectories(folder);
        requireOurs(folder);
        Path probe = Files.createTempFile(folder, ".probe", ".so");
        try {
            PosixFileAttributeView view = Files.getFileAttributeView(probe, PosixFileAttributeView.class);
            if (view != null) {
                view.setPermissions(PosixFilePermissions.fromString("rwx------"));
                if (!Files.isExecutable(probe)) {
                    throw new IOException("its file system is mounted noexec");
                }
            }
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    /** Whoever else may write there decides what this process runs. */
    private static void requireOurs(Path folder) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(folder, PosixFileAttributeView.class);
        if (view == null) {
            return; // Windows: what lies in a user's folder is that user's
        }
        PosixFileAttributes attributes = view.readAttributes();
        Path self = Path.of("/proc/self");
        if (Files.exists(self)) {
            Object user = Files.getAttribute(self, "unix:uid");
            Object owner = Files.getAttribute(folder, "unix:uid");
            if (!owner.equals(user)) {
                throw new IOException("it belongs to user " + owner + ", not to " + user);
            }
        }
        if (attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("anybody may write there");
        }
    }

    /** Unpacks JNA's library beside the others, where it stays, and tells JNA; nothing where the jar has none. */
    static void prepareJna() {
        String library = System.mapLibraryName("jnidispatch").replace(".dylib", ".jnilib");
        URL packed = Platform.class.getResource("/com/sun/jna/" + Platform.RESOURCE_PREFIX + "/" + library);
        if (packed == null || System.getProperty("jna.boot.library.path") != null) {
            return;
        }
        try {
            File unpacked = Loader.cacheResource(packed);
            System.setProperty("jna.boot.library.path", unpacked.getParent());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Why a library did not come to be loaded, in words. */
    static BackendException failed(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
        String dnnl = "org/bytedeco/dnnl/" + Loader.getPlatform() + "/" + System.mapLibraryName("jnidnnl");
        if (NativeCache.class.getClassLoader().getResource(dnnl) == null) {
            return new BackendException(
                    "cpu: oneDNN's native library for this platform is not in the jar (" + reason + ")",
                    "build with the platform's profile, see README",
                    null,
                    e);
        }
        String remedy = reason.contains("Cannot allocate memory") || reason.contains("failed to map segment")
                ? "raise the limit of memory (ulimit -v, or the container's)"
                : REMEDY;
        return new BackendException(
                "cpu: native libraries cannot be loaded from " + System.getProperty(PROPERTY) + " (" + reason + ")",
                remedy,
                null,
                e);
    }
}
