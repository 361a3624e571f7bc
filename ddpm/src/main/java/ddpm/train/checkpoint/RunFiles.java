package ddpm.train.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the files of a run are called, for those who read them without holding the folder; {@link ddpm.train.run.RunFolder}
 * holds it.
 */
public final class RunFiles {
    /** The settings, fully resolved. */
    public static final String CONFIG = "config.yaml";
    /** The images the run began with. */
    public static final String DATA = "data.jsonl";
    /** One object per logged step. */
    public static final String METRICS = "metrics.jsonl";
    /** One object per evaluation on the way. */
    public static final String EVALUATIONS = "evaluations.jsonl";
    /** The folder of {@link CheckpointStore}. */
    public static final String CHECKPOINTS = "checkpoints";

    private RunFiles() {}

    /** Whether a training has left something here that another one must not overwrite. */
    public static boolean isRun(Path folder) throws IOException {
        if (Files.exists(folder.resolve(CONFIG)) || Files.exists(folder.resolve(METRICS))) return true;
        return !CheckpointFolder.entries(folder.resolve(CHECKPOINTS)).isEmpty();
    }
}
