package ddpm.engine.backend.cpu.onednn;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import ddpm.engine.backend.BackendException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The OpenMP runtime that oneDNN brings along: how many threads a call from the current Java thread uses. The number is
 * a property of the calling thread.
 */
public final class OpenMp {
    private static Function setNumThreads;
    private static BackendException failure; // kept: a class that failed to load once does not say why again

    private OpenMp() {}

    /** Sets the number of threads for calls from the current thread. @throws BackendException if no runtime is found */
    public static synchronized void threads(int n) {
        if (failure != null) {
            throw failure;
        }
        if (setNumThreads == null) {
            try {
                NativeCache.prepareJna();
                setNumThreads = Function.getFunction(library(), "omp_set_num_threads");
            } catch (LinkageError missing) {
                failure = NativeCache.failed(missing);
                throw failure;
            }
        }
        setNumThreads.invokeVoid(new Object[] {n});
    }

    private static String library() {
        if (Platform.isWindows()) {
            return "vcomp140";
        }
        if (Platform.isMac()) {
            return "omp";
        }
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(l -> l.contains("libgomp"))
                    .map(l -> l.substring(l.indexOf('/')))
                    .findFirst()
                    .orElseThrow(() -> new BackendException(
                            "cpu: oneDNN was loaded without its OpenMP library libgomp",
                            "use the ddpm.jar of this platform"));
        } catch (IOException e) {
            throw new BackendException("cpu: cannot read /proc/self/maps to find libgomp", "", null, e);
        }
    }
}
