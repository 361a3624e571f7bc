package ddpm.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** Solvers, objectives and measures against other programs' numbers; what this program does not know fails by name. */
class RecipesTest {
    @TempDir
    Path folder;

    private static Path vectors() {
        try {
            return Path.of(RecipesTest.class.getResource("/golden2").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @OnEachDevice
    void allChainsAndObjectivesAgree(Device device) {
        Outcome run = Outcome.of(device, vectors());
        assertEquals(List.of(), run.failed(), run.text());
        assertTrue(run.ok());
        assertTrue(run.text().contains("samplers/k_dpmpp_2s_ancestral/x after"), run.text());
        assertTrue(run.text().contains("targets/linear/x_t"), run.text());
        assertTrue(run.text().contains("evaluation/generated_in_reference_k3"), run.text());
    }

    private Path changed(String find, String replacement) throws IOException {
        return changed("samplers.json", find, replacement);
    }

    private Path changed(String name, String find, String replacement) throws IOException {
        try (Stream<Path> files = Files.list(vectors())) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        Path facts = folder.resolve(name);
        String text = Files.readString(facts);
        assertTrue(Pattern.compile(find).matcher(text).find(), find);
        Files.writeString(facts, text.replaceFirst(find, replacement));
        return folder;
    }

    @OnEachDevice
    void anUnknownSamplerFailsByName(Device device) throws IOException {
        Outcome run = Outcome.of(device, changed("\"sampler\": \"UniPC\"", "\"sampler\": \"Adams\""));
        assertFalse(run.ok());
        assertEquals(1, run.failed().size(), run.text());
        assertTrue(run.text().contains("there is no sampler \"Adams\" here"), run.text());
    }

    /** A solver that is another than the file says is far off: here the midpoint rule for Heun's. */
    @OnEachDevice
    void anotherOptionGivesOtherNumbers(Device device) throws IOException {
        Outcome run = Outcome.of(device, changed("\"solver_type\": \"midpoint\"", "\"solver_type\": \"heun\""));
        assertFalse(run.ok());
        assertTrue(run.failed().get(0).startsWith("samplers/dpmpp_2m/x after"), run.text());
    }

    /** Of measures, each number of the file is compared: another one in its last digits but five, and another k. */
    @OnEachDevice
    void anotherMeasureFailsByName(Device device) throws IOException {
        Outcome number = Outcome.of(device, changed("evaluation.json", "13.8729460", "13.8733460"));
        assertEquals(1, number.failed().size(), number.text());
        assertTrue(number.failed().get(0).startsWith("evaluation/frechet distance"), number.text());
    }

    @OnEachDevice
    void anUnknownMeasureFailsByName(Device device) throws IOException {
        Outcome run = Outcome.of(device, changed("evaluation.json", "\"means\": \\{", "\"medians\": {"));
        assertEquals(1, run.failed().size(), run.text());
        assertTrue(run.text().contains("an entry of this kind is not known here"), run.text());
    }
}
