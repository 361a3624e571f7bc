package ddpm.train.run;

import ddpm.disk.ByteCount;
import ddpm.engine.backend.MemoryOps;
import ddpm.terminal.Durations;
import ddpm.train.Trainer;
import ddpm.train.settings.SampleConfig;
import ddpm.train.settings.TrainConfig;
import java.util.Locale;
import java.util.Optional;

/**
 * What a training will need, from small rehearsals of its step: memory grows linearly with the batch, and so nearly does
 * time.
 *
 * @param parameters of the model
 * @param bytes of device memory at the peak
 * @param batch images per step
 * @param secondsPerStep of a whole batch; NaN where it is not known yet
 * @param secondsPerPreview with the configured sampler
 * @param steps that are left
 * @param previews that are left
 */
public record Forecast(
        long parameters,
        long bytes,
        int batch,
        double secondsPerStep,
        double secondsPerPreview,
        long steps,
        long previews) {
    private static final int FEW = 2;
    private static final int MORE = 8;

    /**
     * The virtual machine compiles what runs often: the first rehearsals are several times slower than the rest, on a busy
     * machine for seconds. So they go on until they become no faster, for this share of the training's time at most, and
     * for so many seconds at least and at most; at least two, and no longer than the training itself.
     */
    private static final double REHEARSE_SHARE = 0.025;

    private static final double REHEARSE_AT_LEAST = 0.7;
    private static final double REHEARSE_AT_MOST = 15;

    /** Where nothing but the time was asked for, rehearsals may go on for so many times as long. */
    private static final double DRY_RUN_PATIENCE = 4;

    /** A training that looks shorter than this is over before its steps are as fast as they will be. */
    private static final double SHORT_SECONDS = 60;

    /**
     * Steps that look no longer than this, by the first run of a few images, are rehearsed with the whole batch: every call
     * has a fixed cost that does not multiply. Longer ones tell soon enough how long they take.
     */
    private static final double LONG_SECONDS = 2;

    /** Backward computes two gradients for each product of forward, so a step is about three times the forward alone. */
    private static final double FORWARD_SHARE = 1 / 3.0;

    /**
     * Rehearses steps of a few images; the training's state does not change.
     *
     * @param timed whether the time must be known at once, which takes more rehearsals; otherwise that of long steps, and of
     *     those of which too few can be rehearsed, is left to the steps themselves, see {@link Outlook}
     */
    static Forecast of(Trainer trainer, boolean timed) {
        TrainConfig config = trainer.config().train();
        int batch = (int) Math.min(config.batch(), trainer.images());
        int few = Math.min(FEW, batch);
        int more = Math.min(MORE, batch);
        long small = peakOf(trainer, few);
        long began = System.nanoTime();
        long large = peakOf(trainer, more);
        double guess = (System.nanoTime() - began) / 1e9 / more * batch;
        double bytesPerImage = more == few ? 0 : (double) (large - small) / (more - few);
        double seconds = Double.NaN;
        if (guess <= LONG_SECONDS) {
            seconds = secondsOf(trainer, batch, timed, timed ? DRY_RUN_PATIENCE : 1);
        } else if (timed) {
            seconds = secondsOf(trainer, more, true, 1) / more * batch;
        }
        trainer.backend().memory().trim(); // blocks of the small batches' sizes, which no step asks for again
        return new Forecast(
                        trainer.model().parameters().count(),
                        Math.round(large + bytesPerImage * (batch - more)),
                        batch,
                        seconds,
                        Double.NaN,
                        Math.max(0, trainer.totalSteps() - trainer.step()),
                        previews(config, trainer.step(), trainer.totalSteps()))
                .withSecondsPerStep(seconds, trainer.config().sample());
    }

    /** The same with the time that a step was seen to take; NaN where none was. */
    Forecast withSecondsPerStep(double seconds, SampleConfig sample) {
        double preview = seconds / batch * FORWARD_SHARE * sample.steps() * sample.count();
        return new Forecast(parameters, bytes, batch, seconds, preview, steps, previews);
    }

    /** The same with the time that a preview was seen to take. */
    Forecast withSecondsPerPreview(double seconds) {
        return new Forecast(parameters, bytes, batch, secondsPerStep, seconds, steps, previews);
    }

    /** The same for fewer steps and previews. */
    Forecast left(long steps, long previews) {
        return new Forecast(parameters, bytes, batch, secondsPerStep, secondsPerPreview, steps, previews);
    }

    private static long peakOf(Trainer trainer, int rows) {
        MemoryOps memory = trainer.backend().memory();
        memory.resetPeak();
        trainer.rehearse(rows);
        return memory.stats().peakBytes();
    }

    /** Of a step, by rehearsals; NaN where these do not tell it and need not. See {@link #enough}. */
    private static double secondsOf(Trainer trainer, int rows, boolean timed, double patience) {
        long steps = Math.max(0, trainer.totalSteps() - trainer.step());
        StepTimes times = new StepTimes();
        do {
            long began = System.nanoTime();
            trainer.rehearse(rows);
            times.add(1, (System.nanoTime() - began) / 1e9);
        } while (!enough(times, steps, patience));
        return timed || tells(times, steps) ? times.perStep() : Double.NaN;
    }

    /**
     * Whether rehearsals have told enough about so many steps, be it that these will have to tell it themselves.
     *
     * @param patience how many times the usual share of the training, and the usual seconds, they may take
     */
    static boolean enough(StepTimes times, long steps, double patience) {
        double training = times.perStep() * steps;
        if (times.steps() < 2 || times.seconds() < Math.min(REHEARSE_AT_LEAST, training)) {
            return false;
        }
        return times.settled() || times.seconds() >= patience * Math.min(REHEARSE_AT_MOST, REHEARSE_SHARE * training);
    }

    /** Whether rehearsals that were enough tell the time of so many steps: a few, while Java still compiles, do not. */
    static boolean tells(StepTimes times, long steps) {
        return times.steps() >= StepTimes.SETTLED_AFTER || times.perStep() * steps <= SHORT_SECONDS;
    }

    /** One every so many steps and one at the end. */
    static long previews(TrainConfig config, long done, long total) {
        long every = config.sampleEvery();
        if (every == 0 || done >= total) {
            return 0;
        }
        return (total - 1) / every - done / every + 1;
    }

    /** Of all steps and previews that are left. */
    double seconds() {
        return secondsPerStep * steps + secondsPerPreview * previews;
    }

    /** What to say where the machine has less memory than a step needs; empty where it suffices. */
    Optional<String> shortage(long physicalBytes) {
        return bytes <= physicalBytes
                ? Optional.empty()
                : Optional.of("this machine has " + ByteCount.text(physicalBytes) + " of memory, less than the "
                        + ByteCount.text(bytes) + " that a step needs; lower --batch");
    }

    /** What a step needs. */
    String describe() {
        return String.format(
                Locale.ROOT,
                "model: %,d parameters; about %s for batches of %,d",
                parameters,
                ByteCount.text(bytes),
                batch);
    }

    /** Whether there is something left to do and its time is known. */
    boolean timed() {
        return steps > 0 && !Double.isNaN(secondsPerStep);
    }

    /** How long it will take. */
    String describeTime() {
        String with = previews == 0
                ? ""
                : String.format(Locale.ROOT, " and %d preview%s", previews, previews == 1 ? "" : "s");
        return String.format(Locale.ROOT, "time: about %s for %,d steps%s", Durations.text(seconds()), steps, with);
    }
}
