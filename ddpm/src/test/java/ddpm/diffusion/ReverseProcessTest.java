package ddpm.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ddpm.diffusion.DdimSampler.Spacing;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.ops.QSample;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.testing.Replaying;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The loop over the steps, on a model whose answer is known: the best eps for normally distributed images. */
class ReverseProcessTest {
    private static final NoiseSchedule SCHEDULE = new NoiseSchedule(ScheduleConfig.reference());
    private static final double MEAN = 0.3;
    private static final double STD = 0.2;
    private static final Nhwc IMAGES = new Nhwc(8, 16, 16, 2);

    /** eps = slope(t) * (x - centre(t)), for pixels distributed as N(MEAN, STD^2): a table look-up that q_sample does. */
    private record BestEps(QSample tables) implements EpsModel {
        static BestEps in(Scope scope) {
            float[] slopes = new float[SCHEDULE.timesteps()];
            float[] shifts = new float[slopes.length];
            for (int t = 0; t < slopes.length; t++) {
                slopes[t] = (float) slope(t);
                shifts[t] = (float) (-slope(t) * MEAN * SCHEDULE.signal(t));
            }
            Shape shape = Shape.of(slopes.length);
            return new BestEps(new QSample(scope.tensor(shape, slopes), scope.tensor(shape, shifts)));
        }

        @Override
        public Tensor predict(Tensor x, Tensor t) {
            Tensor ones = x.scope().empty(x.shape());
            x.backend().memory().fill(x.count(), 1, ones.buffer());
            return tables.apply(x, t, ones);
        }
    }

    private static double slope(int t) {
        double a = SCHEDULE.alphaCumprod(t);
        return Math.sqrt(1 - a) / (a * STD * STD + 1 - a);
    }

    private static ReverseProcess process(Scope scope, Sampler sampler) {
        return new ReverseProcess(BestEps.in(scope), sampler, 5);
    }

    @OnEachDevice
    void samplesAreDistributedAsTheData(Device device) {
        check(device, new DdpmSampler(SCHEDULE, false), 0.02);
        check(device, new DdpmSampler(SCHEDULE, true), 0.02);
        // fewer steps are larger and lose more of the deviation, the last one, from t = 3, already 0.6 %
        check(device, new DdimSampler(SCHEDULE, 250, 0, Spacing.TRAILING, true), 0.04);
        check(device, new DdimSampler(SCHEDULE, 250, 0.5, Spacing.LEADING, false), 0.04);
    }

    /**
     * The chain is linear in x, so its mean and variance follow from the coefficients in double; they are the data's but
     * for the finite number of steps, {@code share} of its deviation at most. The sample's differ from those by 5 standard errors at most. Clamping hardly
     * matters: 1 is 3.5 standard deviations off.
     */
    private static void check(Device device, Sampler sampler, double share) {
        double mean = 0;
        double variance = 1;
        for (int k = 0; k < sampler.timesteps().length; k++) {
            Update u = sampler.update(k);
            double slope = slope(u.t());
            double perX = u.fromX0() * (u.x0FromX() - u.x0FromEps() * slope) + u.fromX() + u.fromEps() * slope;
            double constant = (u.fromX0() * u.x0FromEps() - u.fromEps()) * slope * MEAN * SCHEDULE.signal(u.t());
            mean = perX * mean + constant;
            variance = perX * perX * variance + u.sigma() * u.sigma();
        }
        assertEquals(MEAN, mean, 0.01, sampler + ": mean of the chain");
        assertEquals(STD, Math.sqrt(variance), share * STD, sampler + ": deviation of the chain");
        float[] x = draw(device, sampler);
        double m = 0;
        for (float v : x) {
            m += v / x.length;
        }
        double s = 0;
        for (float v : x) {
            s += (v - m) * (v - m) / x.length;
        }
        assertEquals(mean, m, 5 * STD / Math.sqrt(x.length), sampler + ": mean");
        assertEquals(Math.sqrt(variance), Math.sqrt(s), 5 * STD / Math.sqrt(2.0 * x.length), sampler + ": deviation");
    }

    private static float[] draw(Device device, Sampler sampler) {
        try (Scope scope = Scope.on(device.backend())) {
            return process(scope, sampler)
                    .draw(scope, IMAGES, 0, ReverseProcess.Listener.none())
                    .toFloats();
        }
    }

    /** Nothing random but the start: the seed of the steps has no say. */
    @OnEachDevice
    void ddimWithoutNoiseFollowsFromTheStart(Device device) {
        assertArrayEquals(fromStart(device, 1, 0), fromStart(device, 2, 0));
        assertFalse(Arrays.equals(fromStart(device, 1, 0.5), fromStart(device, 2, 0.5)));
    }

    private static float[] fromStart(Device device, long seed, double eta) {
        DdimSampler sampler = new DdimSampler(SCHEDULE, 10, eta, Spacing.TRAILING, true);
        try (Scope scope = Scope.on(device.backend())) {
            Tensor start = process(scope, sampler).start(scope, IMAGES, 0);
            return new ReverseProcess(BestEps.in(scope), sampler, seed)
                    .run(start, 0, ReverseProcess.Listener.none())
                    .toFloats();
        }
    }

    @OnEachDevice
    void imagesDoNotDependOnTheBatch(Device device) {
        Sampler sampler = new DdimSampler(SCHEDULE, 5, 1, Spacing.LEADING, true);
        float[] all = batch(device, sampler, 0, 5);
        float[] first = batch(device, sampler, 0, 2);
        float[] rest = batch(device, sampler, 2, 3);
        assertArrayEquals(Arrays.copyOf(all, first.length), first);
        assertArrayEquals(Arrays.copyOfRange(all, first.length, all.length), rest);
        assertFalse(Arrays.equals(first, Arrays.copyOf(rest, first.length)), "each image has its own noise");
    }

    private static float[] batch(Device device, Sampler sampler, long first, int n) {
        try (Scope scope = Scope.on(device.backend())) {
            return process(scope, sampler)
                    .draw(scope, new Nhwc(n, 3, 5, 1), first, ReverseProcess.Listener.none())
                    .toFloats();
        }
    }

    @OnEachDevice
    void theListenerSeesEveryStepAndMemoryStaysFlat(Device device) {
        MemoryOps memory = device.backend().memory();
        List<Integer> seen = new ArrayList<>();
        Set<Long> used = new HashSet<>();
        float[][] last = new float[2][];
        try (Scope tables = Scope.on(device.backend());
                Scope scope = Scope.on(device.backend())) {
            Sampler sampler = new DdpmSampler(SCHEDULE, true);
            Tensor x = process(tables, sampler).draw(scope, new Nhwc(2, 4, 4, 1), 0, (k, t, before, next, x0) -> {
                assertEquals(seen.size(), k);
                seen.add(t);
                used.add(memory.stats().usedBytes());
                last[0] = next.toFloats();
                last[1] = x0.toFloats();
            });
            assertArrayEquals(last[0], x.toFloats());
            assertArrayEquals(last[0], last[1], 1e-5f, "the last step gives its estimate");
            assertEquals(1, used.size(), "bytes in use after the steps: " + used);
            assertEquals(x.buffer().bytes(), scope.liveBytes());
        }
        assertArrayEquals(
                new DdpmSampler(SCHEDULE, true).timesteps(),
                seen.stream().mapToInt(t -> t).toArray());
    }

    /** The same images; every step after the second makes the calls of the second. */
    @OnEachDevice
    void aStepCanBeRecordedAndReplayed(Device device) {
        Sampler sampler = new DdimSampler(SCHEDULE, 7, 1, Spacing.TRAILING, true);
        Replaying replaying = new Replaying(device.backend(), true);
        try (Scope plain = Scope.on(device.backend());
                Scope replayed = Scope.on(replaying.backend())) {
            var none = ReverseProcess.Listener.none();
            assertArrayEquals(
                    process(plain, sampler).draw(plain, IMAGES, 3, none).toFloats(),
                    process(replayed, sampler).draw(replayed, IMAGES, 3, none).toFloats());
        }
        assertEquals(7, replaying.runs());
        assertEquals(5, replaying.repeated());
    }
}
