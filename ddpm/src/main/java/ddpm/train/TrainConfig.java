package ddpm.train;

import ddpm.config.MayBeNull;
import ddpm.config.Problems;
import ddpm.engine.optim.LearningRate;
import java.util.List;

/**
 * How a model is trained, section {@code train} of a configuration.
 *
 * @param epochs passes over the images; one of this and {@code steps} is needed
 * @param steps optimizer steps; governs where both are given
 * @param batch images per step
 * @param optimizer {@code adam} (weight decay as part of the gradient) or {@code adamw} (decoupled)
 * @param lr learning rate after the warm-up
 * @param beta1 decay of Adam's running mean
 * @param beta2 decay of Adam's running variance
 * @param eps added to Adam's denominator
 * @param weightDecay 0 for none
 * @param warmupSteps steps over which the learning rate rises linearly from 0
 * @param lrSchedule {@code constant}, or {@code cosine} down to 0 at the last step
 * @param clipGradNorm global norm to which gradients are scaled down, 0 for never
 * @param emaDecay decay of the running average of the weights that samples are drawn with
 * @param stratifiedT whether a batch spreads its timesteps evenly over [0, T), which lowers the variance of the loss
 * @param precision {@code fp32}, {@code tf32}, {@code bf16}, or {@code auto}: bf16 where the device has matrix units for
 *     it, fp32 elsewhere
 * @param logEvery steps between two lines of metrics
 * @param saveEvery steps between two checkpoints, beside the one at the end
 * @param sampleEvery steps between two previews, beside the one at the end; 0 for none at all
 */
public record TrainConfig(
        @MayBeNull Integer epochs,
        @MayBeNull Long steps,
        int batch,
        String optimizer,
        double lr,
        double beta1,
        double beta2,
        double eps,
        double weightDecay,
        long warmupSteps,
        String lrSchedule,
        double clipGradNorm,
        double emaDecay,
        boolean stratifiedT,
        String precision,
        long logEvery,
        long saveEvery,
        long sampleEvery) {
    public static final List<String> OPTIMIZERS = List.of("adam", "adamw");
    public static final List<String> LR_SCHEDULES = List.of("constant", "cosine");
    public static final List<String> PRECISIONS = List.of("auto", "fp32", "tf32", "bf16");

    TrainConfig withPrecision(String other) {
        return new TrainConfig(
                epochs,
                steps,
                batch,
                optimizer,
                lr,
                beta1,
                beta2,
                eps,
                weightDecay,
                warmupSteps,
                lrSchedule,
                clipGradNorm,
                emaDecay,
                stratifiedT,
                other,
                logEvery,
                saveEvery,
                sampleEvery);
    }

    /** Steps of an epoch over so many images; the last batch may be smaller. */
    public long stepsPerEpoch(long images) {
        return (images + batch - 1) / batch;
    }

    /** Steps of the whole training with so many images. */
    public long totalSteps(long images) {
        return steps != null ? steps : Math.multiplyExact(epochs.longValue(), stepsPerEpoch(images));
    }

    /** The learning rate of each step with so many images: the warm-up, then the schedule to the last step. */
    public LearningRate learningRate(long images) {
        LearningRate afterWarmUp = lrSchedule.equals("cosine")
                ? LearningRate.cosine(lr, Math.max(1, totalSteps(images) - warmupSteps))
                : LearningRate.constant(lr);
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
        problems.oneOf(OPTIMIZERS, "optimizer", optimizer);
        problems.range(lr > 0 && lr <= 1, "lr", lr, "above 0 and at most 1");
        problems.range(beta1 >= 0 && beta1 < 1, "beta1", beta1, "at least 0 and below 1");
        problems.range(beta2 >= 0 && beta2 < 1, "beta2", beta2, "at least 0 and below 1");
        problems.range(eps > 0 && eps < 1, "eps", eps, "above 0 and below 1");
        problems.range(weightDecay >= 0 && weightDecay <= 1, "weight_decay", weightDecay, "from 0 to 1");
        problems.atLeast(0, "warmup_steps", warmupSteps);
        problems.oneOf(LR_SCHEDULES, "lr_schedule", lrSchedule);
        problems.range(clipGradNorm >= 0, "clip_grad_norm", clipGradNorm, "at least 0 (0 clips nothing)");
        problems.range(emaDecay >= 0 && emaDecay < 1, "ema_decay", emaDecay, "at least 0 and below 1");
        problems.oneOf(PRECISIONS, "precision", precision);
        problems.atLeast(1, "log_every", logEvery);
        problems.atLeast(1, "save_every", saveEvery);
        problems.atLeast(0, "sample_every", sampleEvery);
    }
}
