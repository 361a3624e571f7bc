package ddpm.train.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.schedule.Cosine;
import ddpm.diffusion.weighting.MinSnr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings whose section comes in kinds. */
class KindsOfSettingsTest {
    @TempDir
    Path folder;

    private static RunConfig set(String... settings) {
        return new ConfigLoader("quick").set(List.of(settings)).load();
    }

    /** A section that comes in kinds: a name alone picks one, and what the other kind had does not stay behind. */
    @Test
    void aKindBringsItsOwnKeys() {
        RunConfig cosine = set("diffusion=cosine", "objective.prediction=v");
        assertEquals(new Cosine(1000, 0.999, false), cosine.diffusion());
        assertEquals(new V(), cosine.objective().prediction());
        RunConfig shorter = set("diffusion.timesteps=400", "diffusion.kind=cosine");
        assertEquals(new Cosine(400, 0.999, false), shorter.diffusion());
        RunConfig snr = set("objective.weighting={kind: min_snr, gamma: 3}");
        assertEquals(new MinSnr(3), snr.objective().weighting());
        RunConfig edm = set("diffusion=edm", "objective.prediction=edm", "objective.times=log_normal");
        assertEquals(edm, new ConfigLoader("quick").file(write(edm.toYaml())).load());
    }

    @Test
    void whatAKindDoesNotKnowIsNamed() {
        var kind = assertThrows(UserError.class, () -> set("diffusion.kind=cosin"));
        assertTrue(kind.getMessage().contains("diffusion.kind: there is no kind \"cosin\"; did you mean cosine?"));
        var key = assertThrows(UserError.class, () -> set("diffusion.kind=cosine", "diffusion.beta_end=0.1"));
        assertTrue(key.getMessage().contains("diffusion.beta_end: unknown key"), key.getMessage());
        var prediction = assertThrows(UserError.class, () -> set("objective.prediction=eps", "diffusion=flow"));
        assertTrue(prediction.getMessage().contains("take v"), prediction.getMessage());
        var solver = assertThrows(
                UserError.class, () -> set("objective.prediction=velocity", "diffusion=flow", "sample.sampler=plms"));
        assertTrue(solver.getMessage().contains("sample.sampler: plms: its steps divide"), solver.getMessage());
    }

    private Path write(String yaml) {
        try {
            return Files.writeString(folder.resolve("written.yaml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
