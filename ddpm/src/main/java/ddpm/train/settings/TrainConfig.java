package ddpm.train.settings;

import ddpm.config.MayBeNull;
import ddpm.config.Problems;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.optim.LearningRate;
import ddpm.engine.optim.PowerAverage;
import ddpm.evaluate.measure.Manifolds;
import java.util.List;
import java.util.Set;

/**
 * How a model is trained, section {@code train} of a configuration.
 *
 * @param epochs passes over the images; one of this and {@code steps} is needed
 * @param steps optimizer steps; governs where both are given
 * @param batch images computed at a time
 * @param accumulate how many such parts make a step's batch: the memory of one, the gradients of all
 * @param optimizer {@code adam} (weight decay as part of the gradient) or {@code adamw} (decoupled)
 * @param lr learning rate after the warm-up
 * @param beta1 decay of Adam's running mean
 * @param beta2 decay of Adam's running variance
 * @param eps added to Adam's denominator
 * @param weightDecay 0 for none
 * @param decayBiases whether it holds for biases and normalisations too, which other trainings leave alone
 * @param warmupSteps steps over which the learning rate rises linearly from 0
 * @param lrSchedule {@code constant}, or {@code cosine} or {@code linear} down to 0 at the last step
 * @param clipGradNorm global norm to which gradients are scaled down, 0 for never
 * @param emaDecay decays of the running averages of the weights; samples are drawn with the first
 * @param powerEma relative widths of averages that {@code sample --ema} makes one of any width from afterwards; empty: none
 * @param stratifiedT whether a batch spreads its timesteps evenly over [0, T), which lowers the variance of the loss
 * @param labelDropout share of the labels that a network with classes is not told, so that it learns to draw without too
 * @param precision {@code fp32}, {@code tf32}, {@code bf16}, or {@code auto}: bf16 where the device has matrix units for
 *     it, fp32 elsewhere
 * @param logEvery steps between two lines of metrics
 * @param saveEvery steps between two checkpoints, beside the one at the end
 * @param sampleEvery steps between two previews, beside the one at the end; 0 for none at all
 * @param evaluateEvery steps between two evaluations, beside the one at the end; 0 for none at all
 * @param evaluateCount images drawn for each of them
 * @param stop {@code steps}: at the last step, or {@code plateau}: before it, once evaluations find no improvement
 * @param patience evaluations in a row without a smaller distance that are a plateau
 * @param tensorboard whether numbers and previews are written into event files too
 */
public record TrainConfig(
        @MayBeNull Integer epochs,
        @MayBeNull Long steps,
        int batch,
        int accumulate,
        String optimizer,
        double lr,
        double beta1,
        double beta2,
        double eps,
        double weightDecay,
        boolean decayBiases,
        long warmupSteps,
        String lrSchedule,
        double clipGradNorm,
        List<Double> emaDecay,
        List<Double> powerEma,
        boolean stratifiedT,
        double labelDropout,
        String precision,
        long logEvery,
        long saveEvery,
        long sampleEvery,
        long evaluateEvery,
        int evaluateCount,
        String stop,
        int patience,
        boolean tensorboard) {
    public static final List<String> OPTIMIZERS = List.of("adam", "adamw");
    public static final List<String> LR_SCHEDULES = List.of("constant", "cosine", "linear");
    public static final List<String> PRECISIONS = List.of("auto", "fp32", "tf32", "bf16");
    public static final List<String> STOPS = List.of("steps", "plateau");

    /** Narrower averages than this share of a training hold too few steps. */
    private static final double NARROWEST = 0.01;

    public TrainConfig {
        emaDecay = List.copyOf(emaDecay);
        powerEma = List.copyOf(powerEma);
    }

    TrainConfig withPrecision(String other) {
        return new TrainConfig(
                epochs,
                steps,
                batch,
                accumulate,
                optimizer,
                lr,
                beta1,
                beta2,
                eps,
                weightDecay,
                decayBiases,
                warmupSteps,
                lrSchedule,
                clipGradNorm,
                emaDecay,
                powerEma,
                stratifiedT,
                labelDropout,
                other,
                logEvery,
                saveEvery,
                sampleEvery,
                evaluateEvery,
                evaluateCount,
                stop,
                patience,
                tensorboard);
    }

    /** Whether the training ends once evaluations find no improvement. */
    public boolean plateau() {
        return stop.equals("plateau");
    }

    /** Images of a step. */
    public long wholeBatch() {
        return (long) batch * accumulate;
    }

    /** Steps of an epoch over so many images; the last batch may be smaller. */
    public long stepsPerEpoch(long images) {
        return (images + wholeBatch() - 1) / wholeBatch();
    }

    /** Steps of the whole training with so many images. */
    public long totalSteps(long images) {
        return steps != null ? steps : Math.multiplyExact(epochs.longValue(), stepsPerEpoch(images));
    }

    /** The learning rate of each step with so many images: the warm-up, then the schedule to the last step. */
    public LearningRate learningRate(long images) {
        long decaying = Math.max(1, totalSteps(images) - warmupSteps);
        LearningRate afterWarmUp =
                switch (lrSchedule) {
                    case "cosine" -> LearningRate.cosine(lr, decaying);
                    case "linear" -> LearningRate.linear(lr, decaying);
                    default -> LearningRate.constant(lr);
                };
        return afterWarmUp.after(warmupSteps);
    }

    /** Adds what is wrong to {@code problems}, whose section is that of the training. */
    public void check(Problems problems) {
        if (epochs == null && steps == null) {
            problems.add(
                    "epochs",
                    "how long to train is not set; give " + problems.path("epochs") + " or " + problems.path("steps"));
        }
        if (epochs != null) {
            problems.atLeast(1, "epochs", epochs);
        }
        if (steps != null) {
            problems.atLeast(1, "steps", steps);
        }
        problems.atLeast(1, "batch", batch);
        problems.atLeast(1, "accumulate", accumulate);
        if (wholeBatch() > Integer.MAX_VALUE) {
            problems.add("accumulate", batch + " images times " + accumulate + " are too many; take fewer");
        }
        problems.oneOf(OPTIMIZERS, "optimizer", optimizer);
        problems.range(lr > 0 && lr <= 1, "lr", lr, "above 0 and at most 1");
        problems.range(beta1 >= 0 && beta1 < 1, "beta1", beta1, "at least 0 and below 1");
        problems.range(beta2 >= 0 && beta2 < 1, "beta2", beta2, "at least 0 and below 1");
        problems.range(eps > 0 && eps < 1, "eps", eps, "above 0 and below 1");
        problems.range(weightDecay >= 0 && weightDecay <= 1, "weight_decay", weightDecay, "from 0 to 1");
        problems.atLeast(0, "warmup_steps", warmupSteps);
        problems.oneOf(LR_SCHEDULES, "lr_schedule", lrSchedule);
        problems.range(clipGradNorm >= 0, "clip_grad_norm", clipGradNorm, "at least 0 (0 clips nothing)");
        checkAverages(problems);
        problems.range(labelDropout >= 0 && labelDropout <= 1, "label_dropout", labelDropout, "from 0 to 1");
        problems.oneOf(PRECISIONS, "precision", precision);
        problems.atLeast(1, "log_every", logEvery);
        problems.atLeast(1, "save_every", saveEvery);
        problems.atLeast(0, "sample_every", sampleEvery);
        checkEvaluations(problems);
    }

    private void checkEvaluations(Problems problems) {
        problems.atLeast(0, "evaluate_every", evaluateEvery);
        problems.atLeast(Manifolds.FEWEST, "evaluate_count", evaluateCount);
        problems.oneOf(STOPS, "stop", stop);
        problems.atLeast(1, "patience", patience);
        if (plateau() && evaluateEvery == 0) {
            problems.add(
                    "stop",
                    "plateau is found by evaluations, and there are none; set " + problems.path("evaluate_every")
                            + ", such as to 1000");
        }
    }

    private void checkAverages(Problems problems) {
        if (emaDecay.isEmpty()) {
            problems.add("ema_decay", "needs at least one decay, such as 0.999");
        }
        emaDecay.forEach(d -> problems.range(d >= 0 && d < 1, "ema_decay", d, "at least 0 and below 1"));
        powerEma.forEach(s -> problems.range(
                s >= NARROWEST && s <= PowerAverage.WIDEST,
                "power_ema",
                s,
                "from " + NARROWEST + " to " + PowerAverage.WIDEST + " of the training"));
        int all = emaDecay.size() + powerEma.size();
        if (all > UpdateNumbers.MOST_AVERAGES) {
            problems.add(
                    "ema_decay",
                    "with power_ema there are " + all + " averages, at most " + UpdateNumbers.MOST_AVERAGES
                            + " can be kept");
        }
        if (Set.copyOf(emaDecay).size() + Set.copyOf(powerEma).size() < all) {
            problems.add("ema_decay", "or power_ema names one average twice");
        }
    }
}
