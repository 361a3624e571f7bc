package ddpm.evaluate;

import ddpm.config.ImageSize;
import ddpm.evaluate.likelihood.Likelihood;
import ddpm.evaluate.measure.Rows;
import java.util.List;

/**
 * What came out.
 *
 * @param source of the samples   @param data name of the real images   @param held how held-out images were got
 * @param features what made the features, for the user
 * @param learned whether the features were learned from labels; others compare runs on the same data only
 * @param reference training images that samples were compared with
 * @param samples pixels   @param real pixels of held-out images, as many
 * @param training pixels of all training images
 * @param model of the samples   @param floor of the held-out images: the same numbers
 * @param near of the samples   @param realNear of the held-out images
 * @param shown null where the data have no labels
 * @param likelihood null where it was not asked for
 * @param notes for the user
 */
record Evaluation(
        String source,
        String data,
        String held,
        String features,
        boolean learned,
        int reference,
        ImageSize size,
        int channels,
        Rows samples,
        Rows real,
        Rows training,
        Closeness.Spread model,
        Closeness.Spread floor,
        Neighbours near,
        Neighbours realNear,
        List<Tints> tints,
        Shown shown,
        Likelihood likelihood,
        List<String> notes) {
    /** Whether a number of the samples is as good as that of real images, or near, or far from it. */
    Verdict.Grade grade(Quantity quantity) {
        // a kernel distance far from 0 has a large chance error, which must not excuse it
        double ofModel = quantity == Quantity.KID ? 0 : model.error(quantity);
        return Verdict.grade(
                quantity, quantity.of(model.whole()), quantity.of(floor.whole()), ofModel + floor.error(quantity));
    }
}
