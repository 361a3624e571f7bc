package ddpm.doctor;

import ddpm.DataException;
import ddpm.DeviceChoice;
import ddpm.Devices;
import ddpm.Invocation;
import ddpm.UserError;
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.DataSources;
import ddpm.disk.ByteCount;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.cpu.memory.CpuMemory;
import ddpm.engine.backend.cpu.onednn.CpuInfo;
import ddpm.engine.backend.cuda.CudaInfo;
import ddpm.engine.backend.cuda.load.CudaLibraries;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Examines the machine and prints what it finds, a line for each thing. */
public final class Doctor {
    private static final String LINE = "%-10s%s%n";

    private final PrintWriter out;
    private final DataEnvironment environment;
    private final Supplier<Backend> cpu;
    private final Supplier<Backend> cuda;

    /** @param environment where data sets are looked for */
    public Doctor(PrintWriter out, DataEnvironment environment) {
        this(
                out,
                environment,
                () -> Devices.open(DeviceChoice.CPU, "fp32"),
                () -> Devices.open(DeviceChoice.CUDA, "fp32"));
    }

    Doctor(PrintWriter out, DataEnvironment environment, Supplier<Backend> cpu, Supplier<Backend> cuda) {
        this.out = out;
        this.environment = environment;
        this.cpu = cpu;
        this.cuda = cuda;
    }

    /** Prints everything. @return whether the CPU computes, and what computes does it rightly */
    public boolean examine() {
        virtualMachine();
        processor();
        memory();
        data();
        boolean usable = cpuWorks();
        usable &= cudaIsNotWrong();
        out.flush();
        return usable;
    }

    private void line(String name, String text) {
        out.printf(Locale.ROOT, LINE, name, text);
    }

    private void virtualMachine() {
        line(
                "Java",
                System.getProperty("java.version") + ", " + System.getProperty("java.vm.name") + " ("
                        + System.getProperty("java.vm.vendor") + ")");
        line(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"));
    }

    private void processor() {
        String model = CpuInfo.model();
        int physical = CpuInfo.physicalCores();
        int logical = Runtime.getRuntime().availableProcessors();
        line(
                "CPU",
                (model.isEmpty() ? "unknown model" : model) + ", " + count(logical, "logical core") + ", "
                        + count(physical, "physical") + "; uses " + count(physical, "thread"));
        try {
            line("oneDNN", CpuInfo.oneDnnVersion() + ", instruction set " + CpuInfo.isa());
            line(
                    "bf16",
                    CpuInfo.hasBf16()
                            ? "usable: --precision bf16"
                            : "not usable: " + CpuInfo.BF16_NEEDS + "; fp32 it is");
        } catch (BackendException e) {
            line("oneDNN", "not usable");
        }
    }

    private static String count(int n, String what) {
        return n + " " + what + (n == 1 || what.equals("physical") ? "" : "s");
    }

    private void memory() {
        long physical = CpuMemory.physicalBytes();
        long heap = Runtime.getRuntime().maxMemory();
        line(
                "memory",
                ByteCount.text(physical) + "; Java takes up to " + ByteCount.text(heap)
                        + " for images (more: java -Xmx), models and training what is left, about "
                        + ByteCount.text(Math.max(0, physical - heap)));
    }

    private void data() {
        String found;
        try {
            found = DataSources.whereMnist(environment)
                    .map(file -> "mnist in " + file.toAbsolutePath().getParent())
                    .orElse("mnist is not on this machine; " + Invocation.command("data", "fetch", "mnist")
                            + " downloads it (12 MB)");
        } catch (DataException e) {
            found = e.getMessage();
        }
        line("data", found);
        line("", "glyphs and textures are built in");
    }

    private boolean cpuWorks() {
        try (Backend backend = cpu.get()) {
            return computesRightly("cpu", "usable", backend);
        } catch (BackendException | UserError e) {
            line("cpu", "NOT usable: " + Devices.sentence(e));
            return false;
        }
    }

    /** A machine without a GPU is in order; one that computes wrong results is not. */
    private boolean cudaIsNotWrong() {
        try {
            CudaInfo gpu = CudaInfo.examine();
            CudaInfo.Kernels kernels = CudaInfo.loadKernels();
            boolean right;
            try (Backend backend = cuda.get()) {
                right = computesRightly(
                        "cuda", (CudaInfo.simulated() ? "usable, but a simulator: " : "usable: ") + text(gpu), backend);
            }
            line(
                    "",
                    String.format(
                            Locale.ROOT, "kernels         %s, loaded in %,.0f µs", kernels.text(), kernels.micros()));
            line("", "supports CUDA " + gpu.driver() + " (driver), cuBLAS " + gpu.cublas() + ", cuDNN " + gpu.cudnn());
            return right;
        } catch (BackendException | UserError e) {
            line("cuda", "not usable: " + Devices.sentence(e));
            return true;
        } finally {
            CudaLibraries.trace().forEach(step -> line("", step));
        }
    }

    private static String text(CudaInfo gpu) {
        return gpu.name() + ", compute capability " + gpu.capabilityText() + ", "
                + count(gpu.processors(), "multiprocessor") + ", " + ByteCount.text(gpu.freeBytes()) + " of "
                + ByteCount.text(gpu.totalBytes()) + " free";
    }

    private boolean computesRightly(String device, String usable, Backend backend) {
        List<SelfTest> tests =
                List.of(SelfTest.matmul(backend), SelfTest.convolution(backend), SelfTest.graph(backend));
        boolean right = tests.stream().allMatch(SelfTest::passed);
        line(device, right ? usable : "NOT usable: it computes wrong results; please report this with all lines");
        for (SelfTest t : tests) {
            line(
                    "",
                    String.format(
                            Locale.ROOT,
                            "%-15s %s, difference %.2f of the tolerance, %,.0f µs",
                            t.name(),
                            t.passed() ? "right" : "WRONG",
                            t.worst(),
                            t.micros()));
        }
        return right;
    }
}
