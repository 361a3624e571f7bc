package ddpm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserPathTest {
    private static final Path HOME = Path.of("/home/me");

    @ParameterizedTest
    @CsvSource({"~, /home/me", "~/x y, /home/me/x y", "~x, ~x", "a/~, a/~", "./é, ./é", "/a//b/, /a/b"})
    void homeIsExpandedAtTheBeginningOnly(String text, String path) {
        assertEquals(Path.of(path), UserPath.of(text, HOME));
    }

    @Test
    void whatNoFileCanBeCalledIsSaid() {
        assertRefused("", "is empty; name a file or folder");
        assertRefused(" ", "is empty; name a file or folder");
        assertRefused("a\0b", "holds a NUL character");
        assertRefused("a\uFFFDb", "holds a character that this process cannot read in its locale");
        assertRefused("a/" + "é".repeat(128), "has a name of more than 255 bytes");
        assertRefused("a/".repeat(2100), "is longer than the 4095 bytes that a path can have");
        assertEquals(Path.of("é".repeat(127)), UserPath.of("é".repeat(127), HOME));
    }

    private static void assertRefused(String text, String message) {
        UserError e = assertThrows(UserError.class, () -> UserPath.of(text, HOME));
        assertEquals(UserError.USAGE, e.exitCode());
        assertTrue(e.getMessage().startsWith(message), e.getMessage());
    }

    @Test
    void homeOfAUserWithoutAnEntry() {
        assertEquals(Path.of("/home/a"), UserPath.home("/home/a", "/b"));
        assertEquals(Path.of("/b"), UserPath.home("?", "/b"));
        assertEquals(Path.of("."), UserPath.home("?", null));
    }
}
