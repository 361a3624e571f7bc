package ddpm.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.diffusion.Guidance;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From the words of --class to a label for each image. */
class ClassRequestTest {
    private static final List<String> ANIMALS = List.of("Cat", "cow", "dog", "fish, raw");
    private static final List<String> DIGITS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

    private static ClassChoice choose(String text, List<String> names, Integer count) {
        return new ClassRequest(text, null, count != null)
                .choose(names, "ema.safetensors", count == null ? 64 : count, false);
    }

    private static void refused(ClassRequest request, List<String> names, int count, String... parts) {
        UserError e = assertThrows(UserError.class, () -> request.choose(names, "ema.safetensors", count, false));
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), () -> "'" + part + "' is not in: " + e.getMessage());
        }
    }

    private static void refused(String text, List<String> names, int count, String... parts) {
        refused(new ClassRequest(text, null, true), names, count, parts);
    }

    @Test
    void oneClassByNameOrNumber() {
        assertArrayEquals(new int[] {7, 7, 7}, choose("7", DIGITS, 3).labels());
        assertArrayEquals(new int[] {2, 2}, choose("dog", ANIMALS, 2).labels());
        assertArrayEquals(new int[] {0}, choose("cat", ANIMALS, 1).labels());
        assertArrayEquals(new int[] {3}, choose("fish, raw", ANIMALS, 1).labels());
        assertArrayEquals(new int[] {1}, choose("1", ANIMALS, 1).labels());
        assertArrayEquals(new int[] {0}, choose("3", List.of("3", "7"), 1).labels()); // its name, not its place
        assertEquals(64, choose("7", DIGITS, null).count());
        assertEquals(List.of(), choose("7", DIGITS, 3).rows());
        assertEquals("class dog", choose("dog", ANIMALS, 2).text());
    }

    @Test
    void severalClassesStandInRows() {
        ClassChoice some = choose("7, 0,3", DIGITS, 6);
        assertArrayEquals(new int[] {7, 7, 0, 0, 3, 3}, some.labels());
        assertEquals(List.of("7", "0", "3"), some.rows());
        ClassChoice all = choose("all", DIGITS, null);
        assertEquals(80, all.count());
        assertEquals(DIGITS, all.rows());
        assertEquals(9, all.labels()[79]);
    }

    @Test
    void withoutAWishEachInTurnAndNoneIsNone() {
        assertArrayEquals(new int[] {0, 1, 2, 3, 0}, choose(null, ANIMALS, 5).labels());
        assertNull(choose("none", ANIMALS, 5).labels());
        assertNull(choose("none", List.of(), 5).labels());
        assertNull(choose(null, List.of(), 5).labels());
    }

    @Test
    void previewsHaveARowForEachClassThatThereIsRoomFor() {
        assertArrayEquals(
                new int[] {0, 0, 1, 1, 2, 2, 3, 3},
                ClassChoice.preview(ANIMALS, 9).labels());
        assertArrayEquals(new int[] {0, 1, 2}, ClassChoice.preview(DIGITS, 3).labels());
    }

    @Test
    void refusalsNameTheRemedy() {
        refused("dgo", ANIMALS, 5, "--class dgo", "knows no class \"dgo\"", "did you mean dog?");
        refused("10", DIGITS, 5, "no class \"10\"");
        refused("elephant", ANIMALS, 5, "known are Cat, cow, dog and fish, raw");
        refused("dog,,cow", ANIMALS, 6, "no class \"\"");
        refused("dog,dog", ANIMALS, 6, "names dog twice");
        refused("all", DIGITS, 64, "--count 64", "10 classes", "take 60 or 70");
        refused("all", DIGITS, 4, "take 10 or 20");
        refused("7", List.of(), 5, "--class 7", "ema.safetensors was trained without classes", "model.classes=auto");
        Guidance two = new Guidance(2, 0);
        refused(new ClassRequest(null, two, false), List.of(), 5, "--guidance 2.0", "trained without classes");
        refused(new ClassRequest("none", two, false), DIGITS, 5, "--guidance 2.0", "--class none", "leave out one");
    }

    @Test
    void guidanceInWords() {
        assertEquals("", new ClassRequest(null, null, false).guidanceText());
        assertEquals(", guidance 2.5", new ClassRequest("7", new Guidance(2.5, 0), false).guidanceText());
        assertEquals(
                ", guidance 2.5 from 0.1 to 0.9 of the noise, rescaled 0.7",
                new ClassRequest("7", new Guidance(2.5, 0.7, 0.1, 0.9), false).guidanceText());
    }
}
