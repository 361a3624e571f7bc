package ddpm.sample;

import ddpm.UserError;
import ddpm.engine.io.IoReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sees to it before minutes of drawing that the images can be written afterwards. */
final class Outputs {
    private Outputs() {}

    /** Creates the folders of all files. @throws UserError naming the option whose file cannot be written */
    static void requireWritable(SampleRequest request) {
        folder("--out", request.out(), request.out());
        file("--grid", request.grid());
        file("--npy", request.npy());
        file("--trajectory", request.trajectory());
    }

    private static void file(String option, Path file) {
        if (file == null) {
            return;
        }
        if (Files.isDirectory(file)) {
            throw new UserError(option + " " + file + ": is a folder; name a file");
        }
        folder(option, file, file.toAbsolutePath().getParent());
    }

    private static void folder(String option, Path named, Path folder) {
        if (folder == null) {
            return;
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UserError(
                    option + " " + named + ": the folder cannot be created (" + IoReason.of(e) + "); name another", e);
        }
        if (!Files.isWritable(folder)) {
            throw new UserError(option + " " + named + ": the folder is not writable; name another");
        }
    }
}
