package ddpm.compare;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.Printable;
import ddpm.UserError;
import ddpm.engine.disk.IoReason;
import ddpm.train.checkpoint.RunFiles;
import ddpm.train.run.MetricsLog;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a training left.
 *
 * @param name for the user: the folder's, or the path where two have the same
 * @param curve empty where nothing was logged
 * @param evaluation evaluation.json; null where there is none
 */
record Run(String name, Path folder, RunConfig config, Curve curve, JsonNode evaluation) {
    private static final String EVALUATION = "evaluation.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @throws UserError where one is no run, or cannot be read */
    static List<Run> read(List<Path> folders) throws IOException {
        List<Path> names = folders.stream()
                .map(f -> f.toAbsolutePath().normalize().getFileName())
                .toList();
        boolean distinct = names.stream().distinct().count() == names.size();
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < folders.size(); i++) {
            runs.add(read(folders.get(i), Printable.text(String.valueOf(distinct ? names.get(i) : folders.get(i)))));
        }
        return runs;
    }

    private static Run read(Path folder, String name) throws IOException {
        Path config = folder.resolve(RunFiles.CONFIG);
        if (!Files.exists(config)) {
            throw UserError.usage("compare: " + folder + " holds no " + RunFiles.CONFIG
                    + "; name folders of trainings, such as runs/quick");
        }
        Path metrics = folder.resolve(RunFiles.METRICS);
        return new Run(
                name,
                folder,
                new ConfigLoader("mnist").ofRun(config).load(),
                Curve.of(Files.exists(metrics) ? MetricsLog.read(metrics) : List.of()),
                evaluation(folder.resolve(EVALUATION)));
    }

    private static JsonNode evaluation(Path file) {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new UserError(file + ": is no JSON (" + e.getOriginalMessage() + "); make it anew with evaluate", e);
        } catch (IOException e) {
            throw new UserError(file + ": cannot be read (" + IoReason.of(e) + ")", e);
        }
    }

    /** Whether its loss measures the same as another's: the same schedule, target, weights and t. */
    boolean losesAs(Run other) {
        return config.diffusion().equals(other.config.diffusion())
                && config.objective().equals(other.config.objective());
    }

    /** Whether the same seed gives both the same noise. */
    boolean drawsFromTheNoiseOf(Run other) {
        return config.model().imSize().equals(other.config.model().imSize())
                && config.model().imChannels() == other.config.model().imChannels();
    }
}
