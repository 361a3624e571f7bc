package ddpm.evaluate.network;

import ddpm.data.Classes;
import ddpm.engine.optim.Learner;
import ddpm.engine.random.Permutation;
import ddpm.engine.tensor.Shape;
import ddpm.evaluate.measure.Rows;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * How a {@link FeatureNet} learns the classes of images: Adam on batches of {@value #BATCH}, the rate rising to {@value #RATE} and
 * falling to 0 along half a cosine.
 */
public final class Lessons {
    /** All that decides what comes out beside the images: a net that was taught otherwise is not found again. */
    public static final String SETTINGS = "64 features, 5x5x32, 3x3x64 ..., batch 128, adam 0.003, 1";

    private static final int BATCH = 128;
    private static final double RATE = 3e-3;
    private static final double RISING = 0.1; // of all steps
    private static final int EPOCHS = 4;
    private static final int FEWEST = 200;
    private static final int MOST = 2000;

    private final Rows pixels;
    private final int[] labels;
    private final int[] labelled;

    /** @param pixels 0 .. 255 @param labels of each image, {@link Classes#NONE} for those to be left out */
    public Lessons(Rows pixels, int[] labels) {
        this.pixels = pixels;
        this.labels = labels;
        this.labelled = IntStream.range(0, labels.length)
                .filter(i -> labels[i] != Classes.NONE)
                .toArray();
    }

    /** How many there will be. */
    public int steps() {
        return Math.max(FEWEST, Math.min(MOST, EPOCHS * labelled.length / BATCH));
    }

    /** Teaches them. @param done is told how many steps are done */
    public void teach(FeatureNet net, IntConsumer done) {
        int steps = steps();
        int batch = Math.min(BATCH, labelled.length);
        Permutation order = null;
        int perEpoch = labelled.length / batch;
        try (Learner learner = Learner.adam(net.parameters(), RATE)) {
            for (int step = 0; step < steps; step++) {
                if (step % perEpoch == 0) {
                    order = new Permutation(labelled.length, 0, step / perEpoch);
                }
                int[] which = new int[batch];
                for (int i = 0; i < batch; i++) {
                    which[i] = labelled[order.at((long) step % perEpoch * batch + i)];
                }
                int[] told = Arrays.stream(which).map(i -> labels[i]).toArray();
                learner.rate(rate(step, steps));
                learner.step(scope -> net.classes(net.features(net.images(scope, pixels, which)))
                        .crossEntropy(scope.tensor(Shape.of(told.length), told)));
                done.accept(step + 1);
            }
        }
    }

    private static double rate(int step, int steps) {
        double rise = Math.max(1, RISING * steps);
        if (step < rise) {
            return RATE * (step + 1) / rise;
        }
        return RATE * (1 + Math.cos(Math.PI * (step - rise) / (steps - rise))) / 2;
    }

    /** The share of images whose likeliest class is their own, of those that have a label. */
    public static double accuracy(float[][] chances, int[] labels) {
        int right = 0;
        int all = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != Classes.NONE) {
                right += likeliest(chances[i]) == labels[i] ? 1 : 0;
                all++;
            }
        }
        return (double) right / all;
    }

    /** The class of the largest chance. */
    public static int likeliest(float[] chances) {
        int best = 0;
        for (int k = 1; k < chances.length; k++) {
            best = chances[k] > chances[best] ? k : best;
        }
        return best;
    }
}
