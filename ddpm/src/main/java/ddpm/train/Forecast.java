package ddpm.train;

import ddpm.data.ByteCount;
import ddpm.engine.backend.MemoryOps;
import java.time.Duration;
import java.util.Locale;

/**
 * What a training will need, from small rehearsals of its step: memory grows linearly with the batch, and so nearly does
 * time.
 *
 * @param parameters of the model
 * @param bytes of device memory at the peak
 * @param secondsPerStep of a whole batch
 * @param steps that are left
 */
public record Forecast(long parameters, long bytes, double secondsPerStep, long steps) {
    private static final int FEW = 2;
    private static final int MORE = 8;

    /** Rehearses steps of a few images; the training's state does not change. */
    static Forecast of(Trainer trainer) {
        int batch = trainer.config().train().batch();
        int few = Math.min(FEW, batch);
        int more = Math.min(MORE, batch);
        long small = peakOf(trainer, few);
        long large = peakOf(trainer, more);
        long began = System.nanoTime();
        trainer.rehearse(more);
        double seconds = (System.nanoTime() - began) / 1e9;
        double bytesPerImage = more == few ? 0 : (double) (large - small) / (more - few);
        return new Forecast(
                trainer.model().parameters().count(),
                Math.round(large + bytesPerImage * (batch - more)),
                seconds * batch / more,
                trainer.totalSteps() - trainer.step());
    }

    private static long peakOf(Trainer trainer, int rows) {
        MemoryOps memory = trainer.backend().memory();
        memory.resetPeak();
        trainer.rehearse(rows);
        return memory.stats().peakBytes();
    }

    /** Two lines for the user. */
    String describe() {
        return String.format(
                Locale.ROOT,
                "model: %,d parameters, about %s at batch size%ntime: about %s for %,d steps",
                parameters,
                ByteCount.text(bytes),
                text(Duration.ofMillis(Math.round(1000 * secondsPerStep * steps))),
                steps);
    }

    /** Such as {@code 9 min 30 s}, with two units at most. */
    static String text(Duration d) {
        if (d.toHours() > 0) {
            return d.toHours() + " h " + d.toMinutesPart() + " min";
        }
        return d.toMinutes() > 0 ? d.toMinutes() + " min " + d.toSecondsPart() + " s" : Math.max(1, d.toSeconds()) + " s";
    }
}
