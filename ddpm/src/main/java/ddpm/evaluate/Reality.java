package ddpm.evaluate;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.data.Classes;
import ddpm.data.Fingerprint;
import ddpm.data.ImageSet;
import ddpm.engine.random.Permutation;
import ddpm.evaluate.measure.Rows;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Real images: those that samples are compared with, and others, held out, which show what numbers real images get.
 *
 * @param name of the data, for the user
 * @param all pixels of every training image: where copies are looked for
 * @param training which of {@code all} samples are compared with; without those that are held out
 * @param labels of each of {@code all}; empty where there are none
 * @param classes names, label by label; empty where the data have no labels, or all the same
 * @param heldOut pixels
 * @param heldLabels of each held-out image; empty where there are none
 * @param heldIndex where each held-out image is in {@code all}, which it is to be left out of; empty where none is
 * @param how the held-out images were got, for the user
 * @param checksum of all of it
 */
record Reality(
        String name,
        ImageSize size,
        int channels,
        Rows all,
        int[] training,
        int[] labels,
        List<String> classes,
        Rows heldOut,
        int[] heldLabels,
        int[] heldIndex,
        String how,
        String checksum) {
    private static final int SHARE = 3; // of a source without test images a third is held out at most

    /**
     * @param test images of the source that no training sees; nothing where it has none
     * @param count held-out images to take, where there are as many
     */
    static Reality of(ImageSet set, Optional<ImageSet> test, int count) {
        Optional<ImageSet> fit = test.filter(
                t -> t.height() == set.height() && t.width() == set.width() && t.channels() == set.channels());
        Rows all = new PixelRows(set.pixels(), set.length());
        List<String> found = set.classes().names();
        List<String> classes = found.size() < 2 ? List.of() : found; // one class tells nothing apart
        int[] labels = classes.isEmpty() ? new int[0] : set.classes().of();
        ImageSize size = new ImageSize(set.height(), set.width());
        Fingerprint print = Fingerprint.of(set);
        String checksum = print.checksum() + (print.labels() == null ? "" : print.labels());
        if (fit.isPresent()) {
            ImageSet other = fit.get();
            int[] taken = first(other.count(), Math.min(count, other.count()));
            return new Reality(
                    set.name(),
                    size,
                    set.channels(),
                    all,
                    IntStream.range(0, set.count()).toArray(),
                    labels,
                    classes,
                    new PixelRows(other.pixels(), other.length()).at(taken),
                    labels(other.classes(), classes, taken),
                    new int[0],
                    "from " + other.name() + ", which no training sees",
                    checksum);
        }
        if (set.count() < 2 * SHARE) {
            throw new UserError(set.name() + ": " + set.count() + " images are too few to compare with; "
                    + "name more with --data");
        }
        int held = Math.min(count, set.count() / SHARE);
        int[] order = first(set.count(), set.count());
        int[] out = Arrays.copyOf(order, held);
        return new Reality(
                set.name(),
                size,
                set.channels(),
                all,
                Arrays.stream(order, held, order.length).sorted().toArray(),
                labels,
                classes,
                all.at(out),
                labels(set.classes(), classes, out),
                out,
                "set apart from the training images by a fixed shuffle, since this source keeps none apart: a model that"
                        + " was trained on the source has seen them",
                checksum + " without " + held);
    }

    /** The first of a shuffle that is always the same. */
    private static int[] first(int of, int count) {
        Permutation order = new Permutation(of, 0, 0);
        return IntStream.range(0, count).map(order::at).toArray();
    }

    /** By name: the test images may show fewer classes. */
    private static int[] labels(Classes of, List<String> names, int[] which) {
        if (!of.known() || names.isEmpty()) {
            return new int[0];
        }
        return Arrays.stream(which)
                .map(i -> of.of()[i] == Classes.NONE
                        ? Classes.NONE
                        : names.indexOf(of.names().get(of.of()[i])))
                .toArray();
    }

    /** Some of the training images, at most {@code most}, by the same shuffle. */
    int[] reference(int most) {
        int count = Math.min(most, training.length);
        return Arrays.stream(first(training.length, count))
                .map(i -> training[i])
                .toArray();
    }

    /** The labels of some of all images; empty where there are none. */
    int[] labelsOf(int[] which) {
        return labels.length == 0
                ? labels
                : Arrays.stream(which).map(i -> labels[i]).toArray();
    }
}
