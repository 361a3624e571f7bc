package ddpm.evaluate.likelihood;

import ddpm.diffusion.Condition;
import ddpm.diffusion.Denoiser;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.likelihood.Bound;
import ddpm.diffusion.likelihood.BoundEstimate;
import ddpm.diffusion.likelihood.Network;
import ddpm.diffusion.likelihood.NormalCdf;
import ddpm.diffusion.likelihood.Strata;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.evaluate.measure.LinearGuess;
import ddpm.evaluate.measure.Rows;
import ddpm.terminal.Progress;
import ddpm.train.checkpoint.TrainedModel;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Asks a model for the bits of held-out images, and compares its errors with those of linear formulas. */
public final class LikelihoodMeasure {
    private static final double WHITE = 127.5; // levels 0 .. 255 become -1 .. 1

    private final Backend backend;
    private final TrainedModel trained;
    private final Asked asked;
    private final PrintWriter out;

    /**
     * @param images of the held-out ones, the first so many
     * @param ranges of t, at one t of each of which an image is asked; T or more: at every t
     * @param seed of these t and of the noise
     * @param batch images at a time
     */
    public record Asked(int images, int ranges, long seed, int batch) {}

    /** @param backend computes in float32   @param out progress */
    public LikelihoodMeasure(Backend backend, TrainedModel trained, Asked asked, PrintWriter out) {
        this.backend = backend;
        this.trained = trained;
        this.asked = asked;
        this.out = out;
    }

    /**
     * @param model the network of the checkpoint, with its weights
     * @param training pixels, of which the linear formulas know mean and covariance
     * @param held pixels of images that are to be likely
     * @param labels the model's, of each of {@code held}, -1 for none; null where it is told nothing
     */
    public Likelihood of(Denoiser model, Rows training, Rows held, int[] labels) {
        long began = System.nanoTime();
        Schedule schedule = trained.diffusion().schedule();
        double range = trained.sample().clipX0() ? 1 : Double.POSITIVE_INFINITY;
        Prediction prediction = trained.objective().prediction();
        Bound bound = new Bound(schedule, prediction, trained.objective().reverseVariance(), range, NormalCdf.EXACT);
        BoundEstimate estimate = new BoundEstimate(bound, Strata.of(schedule.timesteps(), asked.ranges), asked.seed);
        int count = Math.min(asked.images, held.count());
        int batches = (count + asked.batch - 1) / asked.batch;
        try (Progress progress = Progress.of(
                out, false, "call", 0, (long) batches * estimate.strata().count())) {
            Calls calls = new Calls(model, progress);
            for (int first = 0; first < count; first += asked.batch) {
                add(estimate, calls, held.part(first, Math.min(count, first + asked.batch)), labels, first);
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Likelihood(
                estimate.images(),
                schedule.timesteps(),
                labels != null,
                bound.variance(),
                trained.sample().clipX0(),
                schedule.variancePreserving(),
                estimate.total(),
                estimate.prior(),
                ranges(estimate, schedule, prediction, LinearGuess.of(training)),
                seconds);
    }

    /** The network, and how often it was asked. */
    private static final class Calls implements Denoiser {
        private final Denoiser model;
        private final Progress progress;
        private int done;

        Calls(Denoiser model, Progress progress) {
            this.model = model;
            this.progress = progress;
        }

        @Override
        public Tensor predict(Tensor x, Tensor time, Condition condition) {
            Tensor f = model.predict(x, time, condition);
            done++;
            progress.at(done, "");
            return f;
        }
    }

    private void add(BoundEstimate estimate, Denoiser model, Rows images, int[] labels, int first) {
        int n = images.count();
        int values = images.dim();
        float[] x0 = new float[n * values];
        for (int i = 0; i < n; i++) {
            images.copy(i, x0, i * values);
        }
        for (int i = 0; i < x0.length; i++) {
            x0[i] = (float) (x0[i] / WHITE - 1);
        }
        Nhwc g = new Nhwc(
                n,
                trained.model().imSize().height(),
                trained.model().imSize().width(),
                trained.model().imChannels());
        try (Scope scope = Scope.on(backend)) {
            Condition told = labels == null
                    ? Condition.NONE
                    : new Condition(scope.tensor(Shape.of(n), Arrays.copyOfRange(labels, first, first + n)));
            estimate.add(Network.of(model, backend, g, told), g, x0);
        }
    }

    private static List<Likelihood.Range> ranges(
            BoundEstimate estimate, Schedule schedule, Prediction prediction, LinearGuess guess) {
        List<Likelihood.Range> ranges = new ArrayList<>();
        Strata strata = estimate.strata();
        for (int range = 0; range < strata.count(); range++) {
            double fromItself = 0;
            double fromAll = 0;
            for (int t = strata.first()[range]; t <= strata.last(range); t++) {
                double signal = schedule.signal(t);
                double noise = schedule.noise(t);
                // an error of the output becomes one of the image that is b times as large
                double share = Math.pow(prediction.at(signal, noise).b(), -2) / strata.length(range);
                fromItself += share * guess.fromItself(signal, noise);
                fromAll += share * guess.fromAll(signal, noise).orElse(Double.NaN);
            }
            ranges.add(new Likelihood.Range(
                    strata.first()[range],
                    strata.last(range),
                    estimate.bits(range),
                    estimate.loss(range),
                    fromItself,
                    fromAll));
        }
        return ranges;
    }
}
