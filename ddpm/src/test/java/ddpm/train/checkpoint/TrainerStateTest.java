package ddpm.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerStateTest {
    @TempDir
    Path folder;

    @Test
    void readsWhatItWrote() throws IOException {
        TrainerState state = new TrainerState(Long.MAX_VALUE, 2, 3, 4, Math.nextUp(1e-300), 5);
        Path file = Files.write(folder.resolve("state.json"), state.toJson());
        assertEquals(state, TrainerState.read(file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"step\":1     | \"step\":-1          | step is -1, not a whole number of 0 or more",
                "\"step\":1     | \"step\":1.5         | step is 1.5, not a whole number",
                "\"step\":1     | \"step\":\"1\"       | step is \"1\", not a whole number",
                "\"step\":1     | \"step\":99999999999999999999 | step is 99999999999999999999, not a whole number",
                "\"step\":1     | \"step\":1,\"step\":1| cannot be read: Duplicate field 'step'",
                "\"step\":1,    | ''                   | lacks the keys [step] and has the unknown keys []",
                "\"step\":1     | \"stop\":1           | lacks the keys [step] and has the unknown keys [stop]",
                "\"format\":1   | \"format\":2,\"new\":0 | has format 2, this build reads 1",
                "\"format\":1   | \"format\":\"1\"     | has format \"1\", this build reads 1",
                "\"format\":1,  | ''                   | lacks the keys [format]",
                "\"epoch_loss_sum\":0.5 | \"epoch_loss_sum\":\"NaN\" | epoch_loss_sum is \"NaN\", not a finite number",
                "\"epoch_loss_sum\":0.5 | \"epoch_loss_sum\":1e999 | not a finite number",
                "}              | }}                   | cannot be read",
                "}              | ''                   | cannot be read",
            })
    void refusesOtherTexts(String part, String by, String message) throws IOException {
        String good = new String(new TrainerState(1, 0, 0, 0, 0.5, 0).toJson(), StandardCharsets.UTF_8);
        assertTrue(good.contains(part), good);
        assertRefused(good.replace(part, by), message);
    }

    @Test
    void refusesWhatIsNoObject() throws IOException {
        assertRefused("", "is empty");
        assertRefused("[1]", "is not a JSON object");
    }

    private void assertRefused(String text, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("state.json"), text);
        var e = assertThrows(CheckpointException.class, () -> TrainerState.read(file));
        assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }

    @Test
    void refusesValuesThatCannotBe() {
        var e = assertThrows(IllegalArgumentException.class, () -> new TrainerState(-1, 0, 0, 0, 0, 0));
        assertTrue(e.getMessage().contains("step -1"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new TrainerState(1, 0, 0, 0, Double.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> new TrainerState(2, 1, 0, 0, 0, 0, 0));
    }
}
