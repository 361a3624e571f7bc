package ddpm.engine.backend.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.BackendException.Instead;
import ddpm.engine.backend.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.dnnl.dnnl_version_t;

/** What the processor offers. */
public final class CpuInfo {
    /** What {@link #hasBf16} asks for, as the end of a sentence. */
    public static final String BF16_NEEDS = "needs a processor with AVX-512 BF16 or AMX";

    private CpuInfo() {}

    /** Cores that this process may use, hyper-threads counted once: two threads on one core slow matrix products down. */
    public static int physicalCores() {
        int logical = Runtime.getRuntime().availableProcessors();
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(info)) {
            return logical;
        }
        try {
            Set<String> cores = new HashSet<>();
            String socket = "";
            for (String line : Files.readAllLines(info)) {
                if (line.startsWith("physical id")) {
                    socket = line;
                } else if (line.startsWith("core id")) {
                    cores.add(socket + line);
                }
            }
            return cores.isEmpty() ? logical : Math.min(logical, cores.size());
        } catch (IOException e) {
            return logical; // a container may hide the file; the logical count is a working choice
        }
    }

    /** The processor's name, such as {@code AMD EPYC 9124 16-Core Processor}; empty where the system does not tell. */
    public static String model() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException | UncheckedIOException e) {
            String windows = System.getenv("PROCESSOR_IDENTIFIER");
            return windows == null ? "" : windows;
        }
    }

    /** @throws BackendException when the CPU cannot multiply in this precision, naming one that it can */
    public static Precision requireSupported(Precision precision) {
        if (precision == Precision.TF32) {
            throw new BackendException("cpu: tf32 is a GPU format, a CPU has fp32 and bf16", "", Instead.FP32);
        }
        if (precision == Precision.BF16 && !hasBf16()) {
            throw new BackendException("cpu: bf16 " + BF16_NEEDS + ", this one offers " + isa(), "", Instead.FP32);
        }
        return precision;
    }

    /** Whether the processor multiplies bf16 operands: with AVX-512 BF16, or with AMX, which includes it. */
    public static boolean hasBf16() {
        Dnnl.engine();
        return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
    }

    /** Whether vectors of 16 floats are what oneDNN computes with; else they have 8 or fewer. */
    public static boolean hasAvx512() {
        Dnnl.engine();
        return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core;
    }

    /** The instruction set oneDNN compiles for, as a hexadecimal mask and the best known name. */
    public static String isa() {
        Dnnl.engine();
        int isa = dnnl_get_effective_cpu_isa();
        int[] masks = {
            dnnl_cpu_isa_avx512_core_amx,
            dnnl_cpu_isa_avx512_core_bf16,
            dnnl_cpu_isa_avx512_core_vnni,
            dnnl_cpu_isa_avx512_core,
            dnnl_cpu_isa_avx2,
            dnnl_cpu_isa_avx,
            dnnl_cpu_isa_sse41
        };
        String[] names = {"AMX", "AVX-512 BF16", "AVX-512 VNNI", "AVX-512", "AVX2", "AVX", "SSE4.1"};
        for (int i = 0; i < masks.length; i++) {
            if ((isa & masks[i]) == masks[i]) {
                return names[i];
            }
        }
        return "isa 0x" + Integer.toHexString(isa);
    }

    /** oneDNN's version, such as {@code 3.11.0}. */
    public static String oneDnnVersion() {
        Dnnl.engine();
        dnnl_version_t v = dnnl_version();
        return v.major() + "." + v.minor() + "." + v.patch();
    }
}
