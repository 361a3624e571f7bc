package ddpm.engine.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Recorder;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachPrecision;
import ddpm.engine.testing.SmallNet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A measured step: the same bits as without, times that add up, and files that say what was measured. */
class ProfilerTest {
    private static final int STEPS = 5;

    /** Losses of some steps of which the fourth, after the graph is recorded, is measured where a profile is asked for. */
    private static List<Float> losses(Backend backend, Profiler profiler, List<Profile> profiles) {
        List<Float> losses = new ArrayList<>();
        try (SmallNet net = new SmallNet(backend, 2, 8, 8);
                Recorder recorder = backend.recorder()) {
            for (int i = 0; i < STEPS; i++) {
                if (profiler != null && i == 3) {
                    profiles.add(profiler.measure(() -> net.train(recorder)));
                } else {
                    net.train(recorder);
                }
            }
            losses.add(net.train());
        }
        return losses;
    }

    private static Profile profile(Device device) {
        Profiler profiler = new Profiler(device.backend());
        List<Profile> profiles = new ArrayList<>();
        losses(profiler.backend(), profiler, profiles);
        return profiles.get(0);
    }

    @OnEachPrecision
    void givesTheSameBits(Device device) {
        Profiler profiler = new Profiler(device.backend());
        List<Profile> profiles = new ArrayList<>();
        assertEquals(losses(device.backend(), null, profiles), losses(profiler.backend(), profiler, profiles));
        assertEquals(1, profiles.size());
    }

    @OnEachPrecision
    void piecesFollowEachOtherWithinTheStep(Device device) {
        Profile p = profile(device);
        boolean gpu = p.device().startsWith("cuda");
        assertEquals(gpu, !p.kernels().isEmpty());
        double slack = 1 + 1e-5 * p.micros(); // a GPU's clock gives floats
        for (List<Span> lane : List.of(p.operations(), p.kernels())) {
            double end = 0;
            for (Span s : lane) {
                assertTrue(s.start() >= end - slack, () -> s + " begins before its predecessor ends");
                assertTrue(s.micros() >= 0, s::toString);
                assertTrue(s.bytes() > 0, s::toString);
                end = s.start() + s.micros();
            }
            double sum = lane.stream().mapToDouble(Span::micros).sum();
            double last = end;
            assertTrue(sum <= p.micros() + slack, () -> sum + " µs in a step of " + p.micros());
            assertTrue(last <= p.micros() + slack, () -> last + " µs is after the step's " + p.micros());
        }
    }

    @OnEachPrecision
    void knowsWhatWasDoneWhenAndForWhom(Device device) {
        Profile p = profile(device);
        assertEquals(
                Set.of("forward", "backward", "update"),
                p.operations().stream().map(Span::phase).collect(Collectors.toSet()));
        Span conv = p.operations().stream()
                .filter(s -> s.name().equals("conv2d"))
                .findFirst()
                .orElseThrow();
        assertEquals("2x8x8x1 to 8, 3x3 stride 1x1", conv.detail());
        assertEquals("forward", conv.phase());
        assertEquals(2.0 * 2 * 8 * 8 * 8 * 9, conv.flops());
        for (Span s : p.operations()) {
            assertTrue(!s.name().endsWith("Backward") || s.phase().equals("backward"), s::toString);
            assertEquals(s.name().equals("adam"), s.detail().endsWith("tensors"), s::toString);
        }
        for (Span k : p.kernels()) {
            assertTrue(p.operations().stream().anyMatch(o -> k.detail().startsWith(o.name())), k::toString);
        }
    }

    @OnEachPrecision
    void theTraceIsJsonWithOneEventForEachPiece(Device device) throws IOException {
        Profile p = profile(device);
        JsonNode events = new ObjectMapper().readTree(ChromeTrace.of(p)).get("traceEvents");
        int complete = 0;
        for (JsonNode e : events) {
            if (e.get("ph").asText().equals("X")) {
                complete++;
                assertTrue(e.get("ts").isNumber() && e.get("dur").isNumber(), e::toString);
            }
        }
        assertEquals(p.operations().size() + p.kernels().size(), complete);
    }

    @OnEachPrecision
    void theTableHasEveryCallAndSharesOfTheStep(Device device) {
        Profile p = profile(device);
        int calls = 0;
        double share = 0;
        for (String line : ProfileTable.of(p).lines().toList()) {
            String[] words = line.strip().split("\\s+");
            if (words[0].matches("[\\d.]+%")) {
                share += Double.parseDouble(words[0].replace("%", ""));
                calls += Integer.parseInt(words[2]);
            }
        }
        assertEquals(p.pieces().size(), calls);
        double sum = p.pieces().stream().mapToDouble(Span::micros).sum();
        assertEquals(100 * sum / p.micros(), share, 0.05 * p.pieces().size());
        assertFalse(ProfileTable.of(p).contains("NaN"), ProfileTable.of(p));
    }
}
