package ddpm.train.run;

import java.io.IOException;
import java.nio.file.Path;

/** A run folder that is not there any more, or is another one, while its training goes on. */
final class LostFolderException extends IOException {
    private static final long serialVersionUID = 1;

    /** @param what became of it: {@code was removed or moved} */
    LostFolderException(Path folder, String what, Throwable cause) {
        super("the run folder " + folder + " " + what + " while the training was running", cause);
    }
}
