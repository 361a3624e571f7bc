package ddpm.engine.testing;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import ddpm.engine.backend.cuda.CudaInfo;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;

/** An option of the CUDA simulator (kernels/src/sim), set until closed. */
public final class SimulatorOption implements AutoCloseable {
    private static final long MEMORY_MIB = 65_536; // as in options.h
    private static final long DRIVER_VERSION = 12_060;
    private static final long CAPABILITY = 80;

    private final String name;
    private final long before;

    private SimulatorOption(String name, long value, long before) {
        this.name = name;
        this.before = before;
        set(name, value);
    }

    /**
     * A GPU that lags behind as far as it may: what is queued runs only once somebody waits for it. Whoever reads a result,
     * or changes what a copy reads, before waiting gets other values.
     *
     * @param seed of the order among streams, not 0
     */
    public static SimulatorOption deferred(long seed) {
        return new SimulatorOption("DEFERRED", seed, 0);
    }

    /** A GPU of so much memory, in which is what others have allocated before. */
    public static SimulatorOption memory(long mebibytes) {
        return new SimulatorOption("MEMORY_MB", mebibytes, MEMORY_MIB);
    }

    /** A driver that supports CUDA up to this version, 1000 * major + 10 * minor. */
    public static SimulatorOption driver(int version) {
        return new SimulatorOption("DRIVER_VERSION", version, DRIVER_VERSION);
    }

    /** A driver of CUDA 13 that takes none of its cubins. */
    public static SimulatorOption noCubins() {
        return new SimulatorOption("REFUSE_CUBINS", 1, 0);
    }

    /** A GPU of another generation, such as 90, for those who open it while the option is set. */
    public static SimulatorOption capability(int capability) {
        return new SimulatorOption("CAPABILITY", capability, CAPABILITY);
    }

    /** A cuDNN none of whose algorithms gives the same bits twice. */
    public static SimulatorOption notDeterministic() {
        return new SimulatorOption("CUDNN_NOT_DETERMINISTIC", 1, 0);
    }

    /** A cuDNN that offers algorithms for floats and has them on tensor cores only. @param when 1 asked for the workspace, 2 run */
    public static SimulatorOption refusesFma(long when) {
        return new SimulatorOption("CUDNN_REFUSES_FMA", when, 0);
    }

    /** A cuDNN that does not pad channels of bf16 that are no multiple of 8. */
    public static SimulatorOption refusesOddChannels() {
        return new SimulatorOption("CUDNN_PADS", 0, 1);
    }

    /** A cuDNN of whose two lists one is of no use. @param which 1 the heuristics', 2 the search's */
    public static SimulatorOption uselessList(long which) {
        return new SimulatorOption("CUDNN_LISTS", which, 0);
    }

    /** Ends the test as skipped where there is no simulator. */
    private static void set(String name, long value) {
        Assumptions.assumeTrue(CudaInfo.simulated(), "only the simulator has options");
        Path library = Path.of(System.getenv("DDPM_CUDA_PATH"), "libcuda.so.1");
        Function option = NativeLibrary.getInstance(library.toString()).getFunction("cusim_option");
        if (option.invokeInt(new Object[] {name, value}) != 0) {
            throw new AssertionError("the simulator has no option " + name);
        }
    }

    /** What the body returns while the option is set; closes it. */
    public <T> T during(Supplier<T> body) {
        try {
            return body.get();
        } finally {
            close();
        }
    }

    /** Runs the body while the option is set; closes it. */
    public void around(Runnable body) {
        try {
            body.run();
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        set(name, before);
    }
}
