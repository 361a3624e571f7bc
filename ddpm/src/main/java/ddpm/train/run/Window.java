package ddpm.train.run;

import ddpm.train.Trainer;

/** What happened since the last line of metrics: loss by image, and time without previews. */
final class Window {
    private double secondsBefore; // of earlier lines and runs
    private long began;
    private long paused;
    private double lossSum;
    private long images;
    private double closedLossSum; // of the window before
    private long closedImages;
    private double closedSeconds;

    /** @param seconds of training so far, from the metrics that are kept */
    void start(double seconds) {
        secondsBefore = seconds;
        reset();
    }

    private void reset() {
        began = System.nanoTime();
        lossSum = 0;
        images = 0;
    }

    void add(Trainer.Result r) {
        lossSum += r.loss() * r.batch();
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

    /** The line for this window, and a new window. */
    Metrics close(Trainer.Result r) {
        double seconds = seconds();
        Metrics line = new Metrics(
                r.step(),
                r.epoch(),
                r.images(),
                lossSum / images,
                r.lr(),
                r.gradNorm(),
                images / seconds,
                secondsBefore + seconds);
        secondsBefore += seconds;
        closedLossSum = lossSum;
        closedImages = images;
        closedSeconds = seconds;
        reset();
        return line;
    }
}
