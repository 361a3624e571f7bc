package ddpm.evaluate;

import ddpm.DeviceChoice;
import ddpm.evaluate.likelihood.LikelihoodMeasure;
import ddpm.sample.SampleRequest;
import java.nio.file.Path;

/**
 * What {@code ddpm evaluate} was asked to do. Of drawing, images and npy one is there, the others are null.
 *
 * @param drawing how to draw samples from a checkpoint
 * @param images folder of pictures that are the samples
 * @param npy file of samples, float32 [N,H,W,C] in -1 .. 1
 * @param out folder for evaluation.json and evaluation.html
 * @param features network for the features; null for the one that fits the data
 * @param teach where to write a network that is taught anew; null for the one that there is already
 * @param likelihood how to ask the model of the checkpoint for the bits of held-out images; null where nobody wants them
 * @param device what to compute on
 */
public record EvaluateRequest(
        SampleRequest drawing,
        Path images,
        Path npy,
        Path out,
        Path features,
        Path teach,
        LikelihoodMeasure.Asked likelihood,
        DeviceChoice device) {
    /** Where the samples are from, for the user. */
    String source() {
        return String.valueOf(drawing != null ? drawing.checkpoint() : images != null ? images : npy);
    }
}
