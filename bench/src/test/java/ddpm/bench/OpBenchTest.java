package ddpm.bench;

import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachPrecision;
import java.util.Locale;

/** The operations that benchmarks time are right: each benchmark's own check, at sizes that take no time. */
class OpBenchTest {
    private static void check(Device device, OpBench bench) {
        bench.device = device.backend().name();
        bench.precision = device.backend().precision().name().toLowerCase(Locale.ROOT);
        bench.open();
        bench.close();
    }

    @OnEachPrecision
    void conv(Device device) {
        for (String shape : new String[] {"2x6x6x16:8:3", "2x6x6x16:8:1", "2x6x6x16:8:4"}) {
            ConvBench bench = new ConvBench();
            bench.conv = shape;
            check(device, bench);
        }
    }

    @OnEachPrecision
    void convTranspose(Device device) {
        ConvTransposeBench bench = new ConvTransposeBench();
        bench.x = "2x3x3x16";
        check(device, bench);
    }

    @OnEachPrecision
    void linear(Device device) {
        LinearBench bench = new LinearBench();
        bench.shape = "50x32x48";
        check(device, bench);
    }

    @OnEachPrecision
    void norm(Device device) {
        NormBench bench = new NormBench();
        bench.x = "2x5x5x16";
        check(device, bench);
    }

    @OnEachPrecision
    void attention(Device device) {
        for (String shape : new String[] {"2x49x16", "2x49x64", "1x49x256"}) { // heads of 4, 16, 64
            AttentionBench bench = new AttentionBench();
            bench.tokens = shape;
            check(device, bench);
        }
    }

    @OnEachPrecision
    void diffusion(Device device) {
        DiffusionBench bench = new DiffusionBench();
        bench.x = "4x6x6x3";
        check(device, bench);
    }

    @OnEachPrecision
    void update(Device device) {
        UpdateBench bench = new UpdateBench();
        bench.preset = "quick";
        check(device, bench);
    }

    @OnEachPrecision
    void loss(Device device) {
        LossBench bench = new LossBench();
        bench.x = "4x6x6x3";
        check(device, bench);
    }
}
