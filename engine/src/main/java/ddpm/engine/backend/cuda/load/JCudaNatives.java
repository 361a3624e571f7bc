package ddpm.engine.backend.cuda.load;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.BackendException.Instead;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;

/** JCuda's three native libraries, each loaded when its class initialises. */
enum JCudaNatives {
    DRIVER("JCudaDriver", () -> JCudaDriver.setExceptionsEnabled(false)),
    CUBLAS("JCublas2", JCublas2::initialize),
    CUDNN("JCudnn", JCudnn::initialize);

    private static final String VERSION = "12.6.0"; // jcuda.version of the pom

    private final String file;
    private final Runnable initialise;

    JCudaNatives(String name, Runnable initialise) {
        this.file = "lib" + name + "-" + VERSION + "-linux-x86_64.so";
        this.initialise = initialise;
    }

    /**
     * Loads the library, changed on the way from the jar; what it needs is loaded already.
     *
     * @throws BackendException when no folder of this user lets libraries be loaded
     */
    void load(UnaryOperator<byte[]> change) {
        List<Path> parents = NativeFolder.parents(System.getenv());
        for (Path parent : parents) {
            try (NativeFolder folder = NativeFolder.in(parent)) {
                folder.extract(file, change);
                System.load(folder.path().resolve(file).toString()); // where this fails the class stays untouched
                initialiseFrom(folder.path());
                return;
            } catch (IOException | UnsatisfiedLinkError e) {
                requireSymbols(e.getMessage());
                CudaLibraries.note(file + " cannot be loaded from " + parent + ": " + e.getMessage());
            }
        }
        throw new BackendException(
                "cuda: JCuda's native library " + file + " can be loaded from neither " + parents.get(0) + " nor "
                        + parents.get(1),
                "set -Djava.io.tmpdir to a folder that is writable and not mounted noexec");
    }

    /** Another folder does not help where what was found has another name inside, or lacks or renames what JCuda calls. */
    private static void requireSymbols(String reason) {
        if (Stream.of("undefined symbol", "version `", "cannot open shared object")
                .anyMatch(reason::contains)) {
            throw new BackendException(
                    "cuda: what was found is not the library that it is called (" + reason + ")",
                    "reinstall CUDA, or set DDPM_CUDA_PATH to another folder",
                    Instead.CPU);
        }
    }

    /** JCuda looks for its library in the temporary folder by a fixed name; there must be no other chance to load it. */
    private void initialiseFrom(Path folder) {
        synchronized (System.getProperties()) {
            String before = System.setProperty("java.io.tmpdir", folder.toString());
            try {
                initialise.run();
            } finally {
                System.setProperty("java.io.tmpdir", before);
            }
        }
    }
}
