package ddpm.engine.testing;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.backend.cuda.CudaBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Every device the operations are tested on; another backend joins by one line. */
public final class Devices {
    private static final List<Device> ALL =
            List.of(Device.required("cpu", () -> new CpuBackend(Precision.FP32)), cuda("cuda", Precision.FP32));

    /** Optional: not every CPU or GPU has them. */
    private static final List<Device> LOWER = List.of(
            Device.optional("cpu bf16", () -> new CpuBackend(Precision.BF16)),
            cuda("cuda bf16", Precision.BF16),
            cuda("cuda tf32", Precision.TF32));

    private Devices() {}

    /**
     * Whether CUDA must work here: the build has made the simulator, to whose libraries {@code DDPM_CUDA_PATH} then points,
     * or a real GPU was asked for by {@code -Dddpm.device=cuda}.
     */
    public static boolean cudaRequired() {
        String path = System.getenv().getOrDefault("DDPM_CUDA_PATH", "");
        return "gpu".equals(System.getProperty("ddpm.cuda.run"))
                || !path.isEmpty() && Files.exists(Path.of(path, "libcuda.so.1"));
    }

    /** The CPU, in fp32. */
    public static Device cpu() {
        return ALL.get(0);
    }

    /** The GPU, real or simulated, in fp32. */
    public static Device cuda() {
        return ALL.get(1);
    }

    /** A GPU of its own, opened on first use. */
    public static Device cuda(String name, Precision precision) {
        Supplier<Backend> open = () -> new CudaBackend(precision);
        return cudaRequired() ? Device.required(name, open) : Device.optional(name, open);
    }

    /** For {@link OnEachDevice}. */
    public static Stream<Device> all() {
        return ALL.stream();
    }

    /** For {@link OnEachPrecision}. */
    public static Stream<Device> precisions() {
        return Stream.concat(ALL.stream(), LOWER.stream());
    }
}
