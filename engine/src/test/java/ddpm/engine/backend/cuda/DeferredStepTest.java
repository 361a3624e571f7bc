package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.Recorder;
import ddpm.engine.testing.SimulatorOption;
import ddpm.engine.testing.SmallNet;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every operation of the U-Net, forward and backward, on a GPU that lags behind: the same bits, with a graph and without. */
@Tag("cuda")
class DeferredStepTest {
    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FP32", "BF16"})
    void waitsForNothingLess(Precision precision) {
        Gpu.device(); // ends the test where there is none
        List<Float> want = losses(precision, true);
        for (long seed = 1; seed <= 3; seed++) {
            for (boolean graphs : new boolean[] {true, false}) {
                List<Float> got = SimulatorOption.deferred(seed).during(() -> losses(precision, graphs));
                assertEquals(want, got, "seed " + seed + ", graphs " + graphs);
            }
        }
    }

    /** Plain steps, whose loss is read, between recorded ones, whose loss is not. */
    private static List<Float> losses(Precision precision, boolean graphs) {
        List<Float> losses = new ArrayList<>();
        try (CudaBackend backend = new CudaBackend(new CudaOptions(precision, graphs, 0));
                SmallNet net = new SmallNet(backend, 2, 8, 8);
                Recorder recorder = backend.recorder()) {
            for (int round = 0; round < 3; round++) {
                losses.add(net.train());
                net.train(recorder);
                net.train(recorder);
                net.sample(recorder);
            }
            losses.add(net.train());
        }
        return losses;
    }
}
