package ddpm.diffusion.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.Condition;
import ddpm.diffusion.Denoiser;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.reverse.Edit;
import ddpm.diffusion.reverse.Observer;
import ddpm.diffusion.reverse.ReverseProcess;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.solver.Course;
import ddpm.diffusion.solver.Ddim;
import ddpm.diffusion.solver.DpmPlusPlus2M;
import ddpm.diffusion.solver.Plan;
import ddpm.diffusion.solver.Spacing;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Scope;
import ddpm.engine.testing.Devices;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Edits on images of two pixels whose best denoiser is a formula: normally distributed around 0 with variance {@link #VARIANCE} and
 * correlation {@link #CORRELATION}, so that their sum and their difference are independent.
 */
class EditTest {
    private static final double VARIANCE = 0.25;
    private static final double CORRELATION = 0.9;
    private static final Schedule SCHEDULE = ScheduleConfig.reference().schedule();
    private static final int COUNT = 2000;

    private static final Denoiser EXACT = (xt, time, condition) -> {
        double signal = SCHEDULE.signal(time.toFloats()[0]);
        double noise = SCHEDULE.noise(time.toFloats()[0]);
        float[] x = xt.toFloats();
        for (int i = 0; i < x.length; i += 2) {
            double sum = best(x[i] + x[i + 1], 1 + CORRELATION, signal, noise);
            double difference = best(x[i] - x[i + 1], 1 - CORRELATION, signal, noise);
            x[i] = (float) ((x[i] - signal * (sum + difference) / 2) / noise);
            x[i + 1] = (float) ((x[i + 1] - signal * (sum - difference) / 2) / noise);
        }
        return xt.scope().tensor(xt.shape(), x);
    };

    /** Expected value of a sum or difference of the pixels of x_0, given that of x_t. */
    private static double best(double x, double share, double signal, double noise) {
        return x * signal * share * VARIANCE / (signal * signal * share * VARIANCE + noise * noise);
    }

    private static Course course(int steps) {
        return Course.over(SCHEDULE, new Eps(), Spacing.TRAILING.times(SCHEDULE, steps, true));
    }

    private static float[] draw(Plan plan, Edit edit, int first, int count) {
        Backend backend = Devices.cpu().backend();
        try (Scope scope = Scope.on(backend)) {
            return new ReverseProcess(EXACT, Condition.NONE, plan, 7)
                    .draw(scope, new Nhwc(count, 1, 1, 2), first, edit, Observer.none())
                    .toFloats();
        }
    }

    private static double mean(float[] values, int pixel) {
        double sum = 0;
        for (int i = pixel; i < values.length; i += 2) {
            sum += values[i];
        }
        return sum * 2 / values.length;
    }

    /** The other pixel given the known one: mean correlation * known. Each step done once does not get there, ten times nearly does. */
    @Test
    void inpaintingDrawsWhatGoesWithTheKnown() {
        Edit edit = new Inpainting(new float[] {0.5f, -9}, new float[] {1, 0});
        Plan once = new Ddim(1, true).plan(course(50));
        float[] drawn = draw(once.repeated(10), edit, 0, COUNT);
        for (int i = 0; i < drawn.length; i += 2) {
            assertEquals(0.5f, drawn[i], "what is known");
        }
        double want = CORRELATION * 0.5;
        double error = Math.sqrt(VARIANCE * (1 - CORRELATION * CORRELATION) / COUNT);
        double often = Math.abs(mean(drawn, 1) - want);
        double seldom = Math.abs(mean(draw(once, edit, 0, COUNT), 1) - want);
        assertTrue(often < want / 10 + 5 * error, "ten times: off by " + often);
        assertTrue(seldom > 2 * often, "once: off by " + seldom + ", ten times by " + often);
    }

    /** A share of the mask is a share of the values. */
    @Test
    void masksMayHaveEdges() {
        Edit edit = new Inpainting(new float[] {0.5f, 0.2f}, new float[] {1, 0.75f});
        Plan plan = new Ddim(0, true).plan(course(10));
        float[] kept = draw(plan, edit, 0, 50);
        float[] free = draw(plan, new Inpainting(new float[] {0.5f, 0.2f}, new float[] {1, 1}), 0, 50);
        for (int i = 1; i < kept.length; i += 2) {
            assertEquals(0.2f, free[i]);
            assertTrue(Math.abs(kept[i] - 0.2) < 0.75, "near: " + kept[i]);
        }
    }

    @Test
    void imagesDoNotDependOnTheBatch() {
        for (Edit edit : new Edit[] {
            new Inpainting(new float[] {0.5f, 0}, new float[] {1, 0}),
            new FromImage(new float[] {0.5f, 0.3f}),
            new Interpolation(3, 8, 5),
            new Given(new float[][] {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}}, true)
        }) {
            Plan plan = new Ddim(1, true).plan(course(10)).repeated(2);
            float[] whole = draw(plan, edit, 0, 5);
            assertArrayEquals(Arrays.copyOfRange(whole, 0, 6), draw(plan, edit, 0, 3), edit.toString());
            assertArrayEquals(Arrays.copyOfRange(whole, 6, 10), draw(plan, edit, 3, 2), edit.toString());
        }
    }

    /** The mean of p(x_0 | x_t) over the noise in x_t: each of sum and difference shrinks by its own share. */
    @Test
    void variationsOfAnImageKeepAsMuchOfItAsTheNoiseLeaves() {
        for (double strength : new double[] {0.1, 0.4, 0.7}) {
            Course from = course(250).upTo(strength * (SCHEDULE.timesteps() - 1));
            float[] image = {0.8f, 0.4f};
            float[] drawn = draw(new Ddim(1, true).plan(from), new FromImage(image), 0, COUNT);
            double t = from.levels().get(0).t();
            double signal = SCHEDULE.signal(t);
            double noise = SCHEDULE.noise(t);
            double sum = best(signal * 1.2, 1 + CORRELATION, signal, noise);
            double difference = best(signal * 0.4, 1 - CORRELATION, signal, noise);
            double error = 5 * Math.sqrt(VARIANCE / COUNT) + 0.01;
            assertEquals((sum + difference) / 2, mean(drawn, 0), error, "strength " + strength);
            assertEquals((sum - difference) / 2, mean(drawn, 1), error, "strength " + strength);
        }
    }

    /** Below the least of the levels the least is left, and of the image nearly all. */
    @Test
    void noStrengthAtAll() {
        Plan plan = new Ddim(0, true).plan(course(100).upTo(0));
        assertEquals(1, plan.evaluations());
        float[] drawn = draw(plan, new FromImage(new float[] {0.8f, 0.4f}), 0, 20);
        for (int i = 0; i < drawn.length; i++) {
            assertEquals(i % 2 == 0 ? 0.8 : 0.4, drawn[i], 0.3);
        }
    }

    /** The ends are image 0 of the seeds, and between them noise is as large as at the ends. */
    @Test
    void interpolationGoesOverTheArc() {
        Backend backend = Devices.cpu().backend();
        try (Scope scope = Scope.on(backend)) {
            Nhwc images = new Nhwc(1, 30, 30, 1);
            Plan plan = new DpmPlusPlus2M(0, false, true)
                    .plan(course(10)); // in sigma space: begins with a multiple of noise
            ReverseProcess of3 = new ReverseProcess(EXACT, Condition.NONE, plan, 3);
            float[] a = of3.start(scope, images, 0).toFloats();
            float[] b = of3.with(8).start(scope, images, 0).toFloats();
            Edit.Batch batch = new Edit.Batch(scope, images.withN(5), 0);
            float[] all = new Interpolation(3, 8, 5).start(of3, batch).toFloats();
            assertArrayEquals(a, Arrays.copyOfRange(all, 0, 900), (float) (1e-5 * plan.start()));
            assertArrayEquals(b, Arrays.copyOfRange(all, 3600, 4500), (float) (1e-5 * plan.start()));
            double atTheEnd = length(a);
            for (int i = 1; i < 4; i++) {
                double between = length(Arrays.copyOfRange(all, 900 * i, 900 * i + 900));
                assertEquals(1, between / atTheEnd, 0.05, "image " + i);
            }
            float[] same = new Interpolation(3, 3, 5).start(of3, batch).toFloats();
            assertArrayEquals(a, Arrays.copyOfRange(same, 1800, 2700), (float) (1e-5 * plan.start()));
        }
    }

    private static double length(float[] x) {
        double squares = 0;
        for (float v : x) {
            squares += (double) v * v;
        }
        return Math.sqrt(squares);
    }

    /** Images become standard normals, and those become the images again, the better the more steps. */
    @Test
    void inversionLeadsToTheNoiseAndBack() {
        Random random = new Random(5);
        float[][] images = new float[1000][];
        for (int i = 0; i < images.length; i++) {
            double sum = Math.sqrt(VARIANCE * (1 + CORRELATION) / 2) * random.nextGaussian();
            double difference = Math.sqrt(VARIANCE * (1 - CORRELATION) / 2) * random.nextGaussian();
            images[i] = new float[] {(float) (sum + difference), (float) (sum - difference)};
        }
        double before = Double.POSITIVE_INFINITY;
        for (int steps : new int[] {20, 80, 320}) {
            float[] flat = draw(course(steps).inverted(), new Given(images, false), 0, images.length);
            float[][] noise = new float[images.length][];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = Arrays.copyOfRange(flat, 2 * i, 2 * i + 2);
            }
            float[] again = draw(new Ddim(0, true).plan(course(steps)), new Given(noise, true), 0, images.length);
            double squares = 0;
            for (int i = 0; i < images.length; i++) {
                squares += Math.pow(again[2 * i] - images[i][0], 2) + Math.pow(again[2 * i + 1] - images[i][1], 2);
            }
            double off = Math.sqrt(squares / images.length / 2);
            assertTrue(off < before / 2, steps + " steps are off by " + off + ", fewer by " + before);
            before = off;
            if (steps == 320) {
                double size = length(flat) * length(flat) / flat.length;
                assertEquals(1, size, 0.1, "variance of the noise");
            }
        }
        assertTrue(before < 0.02, "off by " + before);
    }
}
