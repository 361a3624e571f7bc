package ddpm.engine.backend.cuda.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where natives lie before they are loaded: nobody else may put one there. */
class NativeFolderTest {
    private static final int SOMEBODY = 54321;

    @TempDir
    Path parent;

    @Test
    void isNewPrivateAndGoneAfterwards() throws Exception {
        Path path;
        try (NativeFolder folder = NativeFolder.in(parent.resolve("not/there/yet"));
                NativeFolder other = NativeFolder.in(parent.resolve("not/there/yet"))) {
            path = folder.path();
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            assertFalse(path.equals(other.path()));
            Files.writeString(path.resolve("native.so"), "x");
        }
        assertFalse(Files.exists(path));
    }

    @Test
    void refusesAFolderThatOthersMayChangeOrRead() throws Exception {
        Path folder = Files.createDirectory(parent.resolve("open"));
        for (String rights : new String[] {"rwxrwxrwx", "rwxr-x---", "r-x------"}) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(rights));
            IOException e = assertThrows(IOException.class, () -> NativeFolder.requirePrivate(folder));
            assertEquals(folder + " has the rights " + rights + ", not rwx------", e.getMessage());
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        NativeFolder.requirePrivate(folder);
    }

    @Test
    void refusesALinkToAFolder() throws Exception {
        Path folder = Files.createDirectory(
                parent.resolve("mine"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
        assertThrows(IOException.class, () -> NativeFolder.requirePrivate(link));
    }

    @Test
    void refusesAFolderOfSomebodyElse() throws Exception {
        Path folder = Files.createDirectory(parent.resolve("theirs"));
        Object user = Files.getAttribute(folder, "unix:uid");
        try {
            Files.setAttribute(folder, "unix:uid", SOMEBODY);
        } catch (IOException e) {
            Assumptions.abort("only root gives a folder away: " + e.getMessage());
        }
        IOException e = assertThrows(IOException.class, () -> NativeFolder.requirePrivate(folder));
        assertEquals(folder + " belongs to user " + SOMEBODY + ", not to " + user, e.getMessage());
    }
}
