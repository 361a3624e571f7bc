package ddpm.train;

/** What happened since the last line of metrics: loss by image, and time without previews. */
final class Window {
    private double secondsBefore; // of earlier lines and runs
    private long began;
    private long paused;
    private double lossSum;
    private long images;

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

    double meanLoss() {
        return lossSum / images;
    }

    double imagesPerSecond() {
        return images / seconds();
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
                meanLoss(),
                r.lr(),
                r.gradNorm(),
                images / seconds,
                secondsBefore + seconds);
        secondsBefore += seconds;
        reset();
        return line;
    }
}
