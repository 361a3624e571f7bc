package ddpm.diffusion.reverse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.Condition;
import ddpm.diffusion.Denoiser;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.schedule.BetaSchedule;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.solver.Clip;
import ddpm.diffusion.solver.Course;
import ddpm.diffusion.solver.Ddim;
import ddpm.diffusion.solver.Ddpm;
import ddpm.diffusion.solver.DpmPlusPlus2M;
import ddpm.diffusion.solver.Heun;
import ddpm.diffusion.solver.Plan;
import ddpm.diffusion.solver.Solver;
import ddpm.diffusion.solver.Spacing;
import ddpm.diffusion.solver.Stage;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
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

/** The loop over the stages, on a model whose answer is known: the best output for normally distributed images. */
class ReverseProcessTest {
    private static final BetaSchedule SCHEDULE = ScheduleConfig.reference().schedule();
    private static final double MEAN = 0.3;
    private static final double STD = 0.2;
    private static final Nhwc IMAGES = new Nhwc(8, 16, 16, 2);

    private static Plan plan(Solver solver, Spacing spacing, int steps, Clip clip) {
        double[] times = spacing.times(SCHEDULE, steps, true);
        return solver.plan(Course.over(SCHEDULE, new Eps(), times).with(clip));
    }

    private static Plan ddim(int steps, double eta, Spacing spacing) {
        return plan(new Ddim(eta, true), spacing, steps, Clip.TO_IMAGE);
    }

    /**
     * F = slope * input + shift, for pixels distributed as N(MEAN, STD^2): the numbers of each evaluation are a row of a table,
     * which q_sample looks up. The row is written before the evaluation, as a device that replays it asks.
     */
    private static final class Best implements Denoiser, Observer {
        private final QSample table;
        private final Tensor row;
        private final Observer also;

        Best(Scope scope, Plan plan, long images, Observer also) {
            List<Stage> asked = plan.stages().stream().filter(Stage::evaluates).toList();
            float[] values = new float[asked.size() * NoiseAdd.COLUMNS];
            for (int i = 0; i < asked.size(); i++) {
                var l = asked.get(i).level();
                double share = l.signal() * STD * STD / (l.signal() * l.signal() * STD * STD + l.noise() * l.noise());
                double constant = MEAN * (1 - share * l.signal());
                // a x + b F = constant + share x, x = input / l.input()
                values[i * NoiseAdd.COLUMNS + NoiseAdd.SIGNAL] = (float) ((share - l.a()) / l.b() / l.input());
                values[i * NoiseAdd.COLUMNS + NoiseAdd.NOISE] = (float) (constant / l.b());
            }
            this.table = new QSample(scope.tensor(Shape.of(asked.size(), NoiseAdd.COLUMNS), values));
            this.row = scope.tensor(Shape.of(images), new int[Math.toIntExact(images)]);
            this.also = also;
        }

        @Override
        public Tensor predict(Tensor x, Tensor time, Condition condition) {
            Tensor ones = x.scope().empty(x.shape());
            x.backend().memory().fill(x.count(), 1, ones.buffer());
            return table.apply(x, row.in(x.scope()), ones);
        }

        @Override
        public void take(long firstImage, int evaluation, Runnable stage) {
            int[] rows = new int[Math.toIntExact(row.count())];
            Arrays.fill(rows, evaluation - 1);
            row.backend().memory().upload(rows, row.buffer());
            also.take(firstImage, evaluation, stage);
        }

        @Override
        public void see(Moment moment) {
            also.see(moment);
        }
    }

    private static float[] draw(Backend backend, Plan plan, Nhwc images, long first, Observer observer) {
        try (Scope tables = Scope.on(backend);
                Scope scope = Scope.on(backend)) {
            Best best = new Best(tables, plan, images.n(), observer);
            return new ReverseProcess(best, Condition.NONE, plan, 5)
                    .draw(scope, images, first, best)
                    .toFloats();
        }
    }

    private static float[] draw(Device device, Plan plan) {
        return draw(device.backend(), plan, IMAGES, 0, Observer.none());
    }

    /**
     * What a chain leads to in distribution is tested in double; here by 5 standard errors of so many pixels, beside the share
     * of the deviation that so few steps lose.
     */
    @OnEachDevice
    void samplesAreDistributedAsTheData(Device device) {
        check(device, plan(new Ddpm(), Spacing.TRAILING, 1000, Clip.NONE), 0.02);
        check(device, ddim(250, 0, Spacing.TRAILING), 0.04);
        check(device, plan(new Ddim(0.5, true), Spacing.LEADING, 250, Clip.NONE), 0.04);
        check(device, plan(new DpmPlusPlus2M(1, false, true), Spacing.LINSPACE, 500, Clip.TO_IMAGE), 0.04);
        check(device, plan(Heun.churned(20), Spacing.LINSPACE, 60, Clip.NONE), 0.04);
    }

    private static void check(Device device, Plan plan, double share) {
        float[] x = draw(device, plan);
        double m = 0;
        for (float v : x) {
            m += v / x.length;
        }
        double s = 0;
        for (float v : x) {
            s += (v - m) * (v - m) / x.length;
        }
        assertEquals(MEAN, m, 0.01 + 5 * STD / Math.sqrt(x.length), "mean");
        assertEquals(STD, Math.sqrt(s), share * STD + 5 * STD / Math.sqrt(2.0 * x.length), "deviation");
    }

    /** Nothing random but the start: the seed of the stages has no say. */
    @OnEachDevice
    void ddimWithoutNoiseFollowsFromTheStart(Device device) {
        assertArrayEquals(fromStart(device, 1, 0), fromStart(device, 2, 0));
        assertFalse(Arrays.equals(fromStart(device, 1, 0.5), fromStart(device, 2, 0.5)));
    }

    private static float[] fromStart(Device device, long seed, double eta) {
        Plan plan = ddim(10, eta, Spacing.TRAILING);
        try (Scope scope = Scope.on(device.backend())) {
            Best best = new Best(scope, plan, IMAGES.n(), Observer.none());
            Tensor start = new ReverseProcess(best, Condition.NONE, plan, 5).start(scope, IMAGES, 0);
            return new ReverseProcess(best, Condition.NONE, plan, seed)
                    .run(start, 0, best)
                    .toFloats();
        }
    }

    /** A stochastic multistep solver has memory of its own for each image; so has one with two stages. */
    @OnEachDevice
    void imagesDoNotDependOnTheBatch(Device device) {
        for (Plan plan : List.of(
                ddim(5, 1, Spacing.LEADING),
                plan(new DpmPlusPlus2M(1, false, true), Spacing.TRAILING, 6, Clip.TO_IMAGE),
                plan(Heun.churned(3), Spacing.LINSPACE, 4, Clip.NONE))) {
            float[] all = batch(device, plan, 0, 5);
            float[] first = batch(device, plan, 0, 2);
            float[] rest = batch(device, plan, 2, 3);
            assertArrayEquals(Arrays.copyOf(all, first.length), first);
            assertArrayEquals(Arrays.copyOfRange(all, first.length, all.length), rest);
            assertFalse(Arrays.equals(first, Arrays.copyOf(rest, first.length)), "each image has its own noise");
        }
    }

    private static float[] batch(Device device, Plan plan, long first, int n) {
        return draw(device.backend(), plan, new Nhwc(n, 3, 5, 1), first, Observer.none());
    }

    @OnEachDevice
    void theObserverSeesEveryEvaluationAndMemoryStaysFlat(Device device) {
        MemoryOps memory = device.backend().memory();
        List<Integer> seen = new ArrayList<>();
        Set<Long> used = new HashSet<>();
        float[][] last = new float[2][];
        Plan plan = plan(new Ddpm(), Spacing.TRAILING, 1000, Clip.TO_IMAGE);
        try (Scope tables = Scope.on(device.backend());
                Scope scope = Scope.on(device.backend())) {
            Nhwc images = new Nhwc(2, 4, 4, 1);
            Best best = new Best(tables, plan, images.n(), moment -> {
                seen.add((int) moment.stage().level().t());
                assertEquals(seen.size(), moment.evaluation());
                used.add(memory.stats().usedBytes());
                last[0] = moment.next().toFloats();
                last[1] = moment.x0().toFloats();
            });
            Tensor x = new ReverseProcess(best, Condition.NONE, plan, 5).draw(scope, images, 0, best);
            assertArrayEquals(last[0], x.toFloats());
            assertArrayEquals(last[0], last[1], 1e-5f, "the last step gives its estimate");
            assertEquals(1, used.size(), "bytes in use after the steps: " + used);
            assertEquals(x.buffer().bytes(), scope.liveBytes());
        }
        assertEquals(1000, seen.size());
        assertEquals(999, seen.get(0));
        assertEquals(0, seen.get(999));
    }

    /** The same images; every stage after the second of its kind makes the calls of the second. */
    @OnEachDevice
    void stagesCanBeRecordedAndReplayed(Device device) {
        assertReplayed(device, ddim(7, 1, Spacing.TRAILING), 7, 5);
        assertReplayed(device, plan(new DpmPlusPlus2M(1, false, true), Spacing.TRAILING, 7, Clip.TO_IMAGE), 7, 5);
        // 5 steps: 4 and the last to the image make 9 evaluations; 5 additions of noise
        assertReplayed(device, plan(Heun.churned(2), Spacing.LINSPACE, 5, Clip.NONE), 14, 10);
    }

    private static void assertReplayed(Device device, Plan plan, int runs, int repeated) {
        Replaying replaying = new Replaying(device.backend(), true);
        assertArrayEquals(
                draw(device.backend(), plan, IMAGES, 3, Observer.none()),
                draw(replaying.backend(), plan, IMAGES, 3, Observer.none()));
        assertEquals(runs, replaying.runs());
        assertEquals(repeated, replaying.repeated());
    }

    /** A network that is shown its input scaled, as in sigma space, gets what it was trained on. */
    @OnEachDevice
    void theNetworkSeesTheScaledInput(Device device) {
        double[] times = Spacing.LINSPACE.times(SCHEDULE, 3, true);
        Plan plan = Heun.deterministic().plan(Course.over(SCHEDULE, new V(), times));
        List<Float> largest = new ArrayList<>();
        Denoiser watching = (x, time, condition) -> {
            float most = 0;
            for (float v : x.toFloats()) {
                most = Math.max(most, Math.abs(v));
            }
            largest.add(most);
            Tensor zero = x.scope().empty(x.shape());
            zero.backend().memory().zero(zero.buffer());
            return zero;
        };
        if (device.backend().asynchronous()) {
            return; // what is recorded cannot look
        }
        try (Scope scope = Scope.on(device.backend())) {
            new ReverseProcess(watching, Condition.NONE, plan, 5).draw(scope, IMAGES, 0, Observer.none());
        }
        assertEquals(5, largest.size());
        assertTrue(largest.get(0) < 6, "x_T has the variance of noise, not of sigma: " + largest);
    }
}
