package ddpm.evaluate;

import ddpm.data.Classes;
import ddpm.evaluate.network.Lessons;
import java.util.Arrays;
import java.util.List;

/**
 * What a network that knows the classes sees in images.
 *
 * @param classes names, label by label
 * @param accuracy share of held-out images that it recognises
 * @param sure share of samples of whose class it is surer than {@value #SURE}   @param realSure the same of held-out images
 * @param counts samples of each class by what they show   @param realCounts held-out images of each class by what they show
 * @param asked samples that were asked for, of each class; empty where none was asked for
 * @param asAsked those of them that show it; empty where none was asked for
 * @param shown the class of each sample
 */
record Shown(
        List<String> classes,
        double accuracy,
        double sure,
        double realSure,
        int[] counts,
        int[] realCounts,
        int[] asked,
        int[] asAsked,
        int[] shown) {
    static final double SURE = 0.9;

    /** @param labels what each sample was asked to show; null where nothing was asked for */
    static Shown of(List<String> classes, float[][] samples, int[] labels, float[][] heldOut, int[] heldLabels) {
        int[] shown = Arrays.stream(samples).mapToInt(Lessons::likeliest).toArray();
        int[] realShown = Arrays.stream(heldOut).mapToInt(Lessons::likeliest).toArray();
        boolean any = labels != null && Arrays.stream(labels).anyMatch(l -> l != Classes.NONE);
        int[] asked = new int[any ? classes.size() : 0];
        int[] asAsked = new int[asked.length];
        for (int i = 0; any && i < labels.length; i++) {
            if (labels[i] != Classes.NONE) {
                asked[labels[i]]++;
                asAsked[labels[i]] += shown[i] == labels[i] ? 1 : 0;
            }
        }
        return new Shown(
                classes,
                Lessons.accuracy(heldOut, heldLabels),
                sure(samples),
                sure(heldOut),
                counts(shown, classes.size()),
                counts(realShown, classes.size()),
                asked,
                asAsked,
                shown);
    }

    private static double sure(float[][] chances) {
        return Arrays.stream(chances)
                        .filter(c -> c[Lessons.likeliest(c)] > SURE)
                        .count()
                / (double) chances.length;
    }

    private static int[] counts(int[] shown, int classes) {
        int[] counts = new int[classes];
        Arrays.stream(shown).forEach(k -> counts[k]++);
        return counts;
    }

    boolean conditional() {
        return asked.length > 0;
    }

    /** The share of all samples that were asked for and show it. */
    double shareAsAsked() {
        return (double) Arrays.stream(asAsked).sum() / Arrays.stream(asked).sum();
    }

    /** Of a histogram, in bits: log2 of the number of classes where all are equally many, 0 where there is one. */
    static double entropy(int[] counts) {
        double all = Arrays.stream(counts).sum();
        double bits = 0;
        for (int count : counts) {
            bits -= count == 0 ? 0 : count / all * Math.log(count / all) / Math.log(2);
        }
        return bits;
    }
}
