package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.Recorder;
import ddpm.engine.profile.Profile;
import ddpm.engine.profile.Profiler;
import ddpm.engine.profile.Span;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachPrecision;
import ddpm.engine.testing.SmallNet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What a training and a sampling step cost, counted and not timed: a change that adds a kernel, a copy or memory fails here.
 * The counts are in {@code src/test/resources/step-counts.txt}.
 */
class StepCountsTest {
    private static final String RESOURCE = "/step-counts.txt";

    @OnEachPrecision
    void aStepCostsWhatTheTableSays(Device device) throws IOException {
        assumeFalse("gpu".equals(System.getProperty("ddpm.cuda.run")), "cuDNN's choices differ between GPUs");
        Profiler profiler = new Profiler(device.backend());
        Backend backend = profiler.backend();
        String text;
        try (SmallNet net = new SmallNet(backend, 2, 8, 16);
                Recorder recorder = backend.recorder()) {
            text = counts(device, profiler, "train", net::train, recorder)
                    + counts(device, profiler, "sample", net::sample, recorder);
        }
        Path seen = Path.of("target", "step-counts-" + device.toString().replace(' ', '-') + ".txt");
        Files.writeString(seen, text);
        assertEquals(
                expected(device),
                text,
                "A step costs something else than before. If that is meant, put the lines of engine/" + seen
                        + " into engine/src/test/resources" + RESOURCE + " and say in the commit why");
    }

    private static String counts(
            Device device, Profiler profiler, String step, Consumer<Recorder> run, Recorder recorder) {
        for (int i = 0; i < 3; i++) {
            run.accept(recorder); // plain, recorded, replayed
        }
        MemoryOps memory = device.backend().memory();
        memory.resetPeak();
        long before = memory.stats().peakBytes();
        Profile p = profiler.measure(() -> run.accept(Recorder.none()));
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("operations", (long) p.operations().size());
        counts.put("operation bytes", bytes(p.operations()));
        counts.put("allocations", p.allocations());
        counts.put("allocated bytes", p.allocatedBytes());
        if (device.backend() instanceof CudaBackend cuda) {
            long calls = p.kernels().stream().filter(StepCountsTest::library).count();
            // on a CPU the layouts that oneDNN chooses for its instructions decide
            counts.put("peak bytes", memory.stats().peakBytes() - before);
            counts.put("kernel launches", p.kernels().size() - calls);
            counts.put("library calls", calls);
            counts.put("kernel bytes", bytes(p.kernels()));
            counts.put("graph nodes", (long) cuda.lastGraphNodes());
        }
        return counts.entrySet().stream()
                .map(e -> device + " " + step + " " + e.getKey() + ": " + e.getValue() + "\n")
                .collect(Collectors.joining());
    }

    /** cuBLAS, cuDNN, and the driver's fills and copies. */
    private static boolean library(Span k) {
        return k.name().startsWith("cublas")
                || k.name().startsWith("cudnn")
                || k.name().startsWith("mem");
    }

    private static long bytes(List<Span> spans) {
        return spans.stream().mapToLong(Span::bytes).sum();
    }

    private static String expected(Device device) throws IOException {
        try (InputStream in = StepCountsTest.class.getResourceAsStream(RESOURCE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> l.matches(device + " (train|sample) .*"))
                    .map(l -> l + "\n")
                    .collect(Collectors.joining());
        }
    }
}
