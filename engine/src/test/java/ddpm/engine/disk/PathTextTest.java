package ddpm.engine.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names whose bytes are not UTF-8, which are to this process what every letter beyond ASCII is to one in LC_ALL=C. */
class PathTextTest {
    private static final String LATIN1 = "\uDCE9t\uDCE9.png"; // été in ISO 8859-1

    @TempDir
    Path folder;

    @Test
    void everyNameComesBack() throws IOException {
        Assumptions.assumeTrue(File.separatorChar == '/');
        for (String name : new String[] {"a b.png", "100%.png", "é😀.png", "x+y#?.png", LATIN1}) {
            Path file = Files.createFile(PathText.path(folder + "/" + name));
            try (DirectoryStream<Path> list = Files.newDirectoryStream(folder)) {
                Path found = list.iterator().next();
                assertEquals(file, found);
                assertEquals(folder + "/" + name, PathText.of(found));
                assertEquals(name, PathText.of(folder.relativize(found)));
                assertTrue(Files.exists(folder.resolve(PathText.path(name))));
            }
            Files.delete(file);
        }
    }

    @Test
    void theBytesAreThoseOfTheName() {
        Assumptions.assumeTrue(File.separatorChar == '/');
        assertEquals(Path.of(URI.create("file:///x/%E9t%E9.png")), PathText.path("/x/" + LATIN1));
    }

    @Test
    void noNameHoldsANul() {
        assertThrows(InvalidPathException.class, () -> PathText.path("a\0b"));
        assertEquals(Optional.empty(), PathText.variable("a\0b"));
        assertEquals(Optional.empty(), PathText.variable(" "));
        assertEquals(Optional.of(Path.of("a")), PathText.variable("a"));
    }
}
