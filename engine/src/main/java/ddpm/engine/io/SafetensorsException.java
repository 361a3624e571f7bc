package ddpm.engine.io;

import java.io.IOException;
import java.nio.file.Path;

/** A safetensors file that cannot be read or written: which file, what is wrong with it, what to do. */
public final class SafetensorsException extends IOException {
    private static final long serialVersionUID = 1;

    SafetensorsException(Path file, String problem, String remedy, Throwable cause) {
        super(file + ": " + problem + "; " + remedy, cause);
    }
}
