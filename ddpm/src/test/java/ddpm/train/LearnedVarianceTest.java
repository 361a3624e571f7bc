package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.config.Named;
import ddpm.diffusion.Condition;
import ddpm.diffusion.Denoiser;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Variance;
import ddpm.diffusion.likelihood.BoundStep;
import ddpm.diffusion.likelihood.Network;
import ddpm.diffusion.reverse.Observer;
import ddpm.diffusion.reverse.ReverseProcess;
import ddpm.diffusion.solver.Plan;
import ddpm.diffusion.solver.Solvers;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Scope;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.OnEachDevice;
import ddpm.testing.Replaying;
import ddpm.train.run.Ran;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code objective.variance: learned_range}: a network that says the variance of its steps is trained, kept and drawn with. */
class LearnedVarianceTest {
    private static final int IMAGES = 37;
    private static final int T = 20;

    @TempDir
    Path folder;

    private static RunConfig config(String... more) {
        return TinyRun.config(
                "quick",
                Stream.concat(
                                Stream.of(
                                        "objective.variance=learned_range",
                                        "train.batch=8",
                                        "train.steps=400",
                                        "train.lr=2e-3",
                                        "diffusion.kind=linear",
                                        "diffusion.timesteps=" + T,
                                        "objective.prediction.kind=eps",
                                        "diffusion.beta_end=0.4",
                                        "sample.sampler=ddpm"),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    private static Trainer trainer(Backend backend, String... more) {
        return new Trainer(config(more), backend, TinyRun.glyphs(IMAGES));
    }

    private static List<Trainer.Result> run(Trainer trainer, int steps) {
        List<Trainer.Result> results = new ArrayList<>();
        while (results.size() < steps) {
            results.addAll(trainer.next(steps - results.size()));
        }
        return results;
    }

    @OnEachDevice
    void aResumedRunIsTheSame(Device device) {
        for (String parts : List.of("train.accumulate=1", "train.accumulate=2")) {
            try (Trainer straight = trainer(device.backend(), parts);
                    Trainer first = trainer(device.backend(), parts);
                    Trainer second = trainer(device.backend(), parts)) {
                run(straight, 7);
                run(first, 4);
                second.restore(first.snapshot().toHost(), Path.of("folder"));
                run(second, 3);
                assertEquals(
                        "",
                        TinyRun.difference(
                                straight.snapshot().toHost(), second.snapshot().toHost()));
            }
        }
    }

    @OnEachDevice
    void aStepCanBeRecordedAndReplayed(Device device) {
        Replaying replaying = new Replaying(device.backend(), true);
        try (Trainer plain = trainer(device.backend());
                Trainer replayed = trainer(replaying.backend())) {
            assertEquals(run(plain, 8), run(replayed, 8));
        }
    }

    /** Their sums are made in another order, which a step's update makes larger: see {@link CudaTrainingTest}. */
    @OnEachDevice
    void theLossIsThatOfTheCpu(Device device) {
        try (Trainer here = trainer(Devices.cpu().backend());
                Trainer there = trainer(device.backend())) {
            double want = run(here, 1).get(0).loss();
            assertEquals(want, run(there, 1).get(0).loss(), 1e-5 * want);
        }
    }

    /**
     * With its mean as it is, a step's best variance for all values at once is small (1 + error e^2), e^2 the mean squared error of F:
     * there the derivative of the KL vanishes. At first v says nothing of it.
     */
    @Test
    void theVarianceMovesTowardsTheRightOne() {
        try (Trainer trainer = trainer(Devices.cpu().backend(), "objective.vlb_weight=0.05")) {
            double before = off(trainer);
            run(trainer, 300);
            double after = off(trainer);
            assertTrue(after < before / 3, "log variance off by " + before + " before, " + after + " after");
        }
    }

    /** Mean over t of how far the logarithm of the variance, a mean over values, is from the best one. */
    private static double off(Trainer trainer) {
        RunConfig config = trainer.config();
        Schedule schedule = config.diffusion().schedule();
        Nhwc x = new Nhwc(IMAGES, TinyRun.SIDE, TinyRun.SIDE, 1);
        Network network = Network.of(trainer.model(), trainer.backend(), x, Condition.NONE);
        byte[][] images = TinyRun.glyphs(IMAGES).images();
        Random random = new Random(5);
        double sum = 0;
        for (int t = 1; t < T; t++) {
            BoundStep step = new BoundStep(
                    schedule, config.objective().prediction(), Variance.LEARNED_RANGE, Double.POSITIVE_INFINITY, t);
            float[] x0 = new float[(int) x.count()];
            float[] xt = new float[x0.length];
            for (int i = 0; i < x0.length; i++) {
                int pixels = TinyRun.SIDE * TinyRun.SIDE;
                x0[i] = (images[i / pixels][i % pixels] & 0xFF) / 127.5f - 1;
                xt[i] = (float) (schedule.signal(t) * x0[i] + schedule.noise(t) * random.nextGaussian());
            }
            double[] times = new double[IMAGES];
            Arrays.fill(times, schedule.time(t));
            float[] said = network.predict(xt, times);
            double apart = 0;
            double log = 0;
            for (int i = 0; i < x0.length; i++) {
                double missed =
                        step.posteriorMean(x0[i], xt[i]) - step.modelMean(step.estimate(xt[i], said[2 * i]), xt[i]);
                apart += missed * missed / x0.length;
                log += step.modelLogVariance(said[2 * i + 1]) / x0.length;
            }
            double best = Math.log(Math.exp(step.posteriorLogVariance()) + apart);
            sum += Math.abs(log - best) / (T - 1);
        }
        return sum;
    }

    /** What a sampler does not ask of a network it leaves alone: the same images as of one that says F only. */
    @OnEachDevice
    void everySamplerDrawsWithTwiceTheOutputs(Device device) {
        Nhwc images = new Nhwc(2, 3, 3, 1);
        Denoiser mean = (x, time, condition) -> x.scale(0.9f);
        Denoiser both = (x, time, condition) -> x.scale(0.9f).concatChannels(x.scale(7)); // a v far out of its range
        for (Named<?> solver : Solvers.ALL) {
            boolean ddpm = solver.name().equals("ddpm");
            String[] sampler = {"sample.sampler=" + solver.name(), "sample.steps=" + (ddpm ? T : 5)};
            RunConfig fixed = config(Stream.concat(Stream.of(sampler), Stream.of("objective.variance=fixed_small"))
                    .toArray(String[]::new));
            RunConfig learned = config(sampler);
            float[] want = draw(device.backend(), mean, fixed, images);
            float[] got = draw(device.backend(), both, learned, images);
            if (ddpm) {
                assertNotEquals(want[0], got[0]);
            } else {
                assertArrayEquals(want, got, solver.name());
            }
        }
    }

    private static float[] draw(Backend backend, Denoiser model, RunConfig config, Nhwc images) {
        Plan plan = config.sample().plan(config.diffusion(), config.objective());
        try (Scope scope = Scope.on(backend)) {
            return new ReverseProcess(model, Condition.NONE, plan, 5)
                    .draw(scope, images, 0, Observer.none())
                    .toFloats();
        }
    }

    /** From the command line to images, through a checkpoint. */
    @Test
    void trainedKeptGoneOnWithAndDrawnWith() throws Exception {
        Path data = TinyRun.idx(folder.resolve("data"), 41).getParent();
        Path run = folder.resolve("run");
        String settings = "--preset quick --device cpu --batch 8 --set objective.variance=learned_range";
        Ran.of(TinyRun.command(run, data, settings + " --steps 3")).ok();
        Ran.of(TinyRun.resume(run, "--device cpu --steps 6")).ok();
        Path straight = folder.resolve("straight");
        Ran.of(TinyRun.command(straight, data, settings + " --steps 6")).ok();
        assertEquals(TinyRun.checkpoint(straight, 6), TinyRun.checkpoint(run, 6));
        Ran.of(
                        "sample",
                        "--checkpoint",
                        run.toString(),
                        "--out",
                        folder.resolve("a.png").toString(),
                        "--sampler",
                        "ddpm",
                        "--sample-steps",
                        "4",
                        "--count",
                        "2")
                .ok();
        Ran refused = Ran.of(TinyRun.resume(run, "--steps 7 --set objective.variance=fixed_small"));
        assertTrue(refused.err().contains("cannot change within a run"), refused.err());
    }

    @Test
    void whatCannotBeTrainedIsRefused() {
        refused(
                "each counted once; take uniform or importance",
                "diffusion=flow",
                "objective.prediction=velocity",
                "objective.times=logit_normal");
        refused("vlb_weight", "objective.vlb_weight=0");
        refused("twice model.im_channels=1", "model.out_channels=1");
        refused("from 2 to", "diffusion.timesteps=1", "sample.steps=1"); // one step has no two variances
    }

    private static void refused(String part, String... settings) {
        String message = assertThrows(UserError.class, () -> new ConfigLoader("quick")
                        .set(List.of("objective.variance=learned_range"))
                        .set(List.of(settings))
                        .load())
                .getMessage();
        assertTrue(message.contains(part), message);
    }
}
