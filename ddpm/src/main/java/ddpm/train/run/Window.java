package ddpm.train.run;

import ddpm.picture.LossChart;
import ddpm.picture.RunningMean;
import ddpm.train.LossByTime;
import ddpm.train.Trainer;
import java.util.List;

/** What happened since the last line of metrics: loss by image and by t, and time without previews. */
final class Window {
    private double secondsBefore; // of earlier lines and runs
    private long began;
    private long paused;
    private double lossSum;
    private LossByTime byTime;
    private long images;
    private final RunningMean smoothed = new RunningMean(LossChart.MEMORY);
    private double closedLossSum; // of the window before
    private long closedImages;
    private double closedSeconds;

    /** @param before the lines so far, which the next one continues */
    void start(List<Metrics> before) {
        for (Metrics line : before) {
            secondsBefore = Math.max(secondsBefore, line.seconds());
            smoothed.add(line.loss());
        }
        reset();
    }

    private void reset() {
        began = System.nanoTime();
        lossSum = 0;
        byTime = LossByTime.NONE;
        images = 0;
    }

    void add(Trainer.Result r) {
        lossSum += r.loss() * r.batch();
        byTime = byTime.plus(r.byTime());
        images += r.batch();
    }

    /** The clock stands still: a preview is being drawn. */
    void pause() {
        paused = System.nanoTime();
    }

    void resume() {
        began += System.nanoTime() - paused;
    }

    /** Over this window and the one before, so that the number on the screen does not jump with every new window. */
    double meanLoss() {
        return (lossSum + closedLossSum) / (images + closedImages);
    }

    /** As {@link #meanLoss}. */
    double imagesPerSecond() {
        return (images + closedImages) / (seconds() + closedSeconds);
    }

    private double seconds() {
        return Math.max(1e-9, (System.nanoTime() - began) / 1e9);
    }

    /** The line for this window, and a new window. @param memoryBytes in use at most up to now */
    Metrics close(Trainer.Result r, long memoryBytes) {
        double seconds = seconds();
        double loss = lossSum / images;
        Metrics line = new Metrics(
                r.step(),
                r.epoch(),
                r.images(),
                loss,
                smoothed.add(loss),
                byTime.means(),
                r.lr(),
                r.gradNorm(),
                images / seconds,
                memoryBytes,
                secondsBefore + seconds);
        secondsBefore += seconds;
        closedLossSum = lossSum;
        closedImages = images;
        closedSeconds = seconds;
        reset();
        return line;
    }
}
