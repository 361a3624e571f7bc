package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private static byte[] words(String... words) {
        return (String.join("\0", words) + "\0").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void lostCharactersAreReadAgain() {
        String[] lossy = {"--data", "\uFFFD\uFFFD", ""};

        assertArrayEquals(
                new String[] {"--data", "é", ""},
                Arguments.restored(
                        lossy, words("java", "-jar", "x.jar", "--data", "é", ""), StandardCharsets.US_ASCII));
    }

    @Test
    void wordsOfAnotherCommandLineAreLeftAlone() {
        String[] args = {"--data", "\uFFFD\uFFFD"};

        assertSame(args, Arguments.restored(args, words("java", "--data", "a"), StandardCharsets.US_ASCII));
        assertArrayEquals(args, Arguments.restored(args, words("é"), StandardCharsets.US_ASCII));
    }

    /** A byte that is not UTF-8 stays what Java made of it; whoever makes a path of it says so. */
    @Test
    void otherEncodingsStayLost() {
        byte[] latin1 = {(byte) 0xE9, 0};

        assertArrayEquals(
                new String[] {"\uFFFD"}, Arguments.restored(new String[] {"\uFFFD"}, latin1, StandardCharsets.UTF_8));
    }
}
