package ddpm.cli;

import ddpm.DeviceChoice;
import ddpm.diffusion.Guidance;
import ddpm.sample.ClassRequest;
import ddpm.sample.EditRequest;
import ddpm.sample.SampleRequest;
import ddpm.train.checkpoint.WeightsChoice;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of every command that draws images with a checkpoint: what, from which noise, on which way and with which weights. */
final class DrawingOptions {
    private static final List<String> WEIGHTS = List.of("ema", "raw");

    @Option(
            names = "--class",
            paramLabel = "NAME|all|A,B|none",
            description = "What they show, for a model with classes: one class, a row of each of several or of all, or"
                    + " none: whatever comes. Default: each class in turn.")
    private String classes;

    @Option(
            names = "--guidance",
            paramLabel = "W",
            description = "How much more of its class an image shows, such as 2: 1 is the network as it is, more are"
                    + " clearer and less varied. Every step asks it for twice as many images. Default: 1.")
    private Double guidance;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "The same seed gives the same images, whatever --batch. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Images drawn at a time; fewer take less memory. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--sampler",
            paramLabel = "NAME",
            description =
                    "The way from noise to image; `ddpm list samplers` shows them. Default: as the run's previews.")
    private String sampler;

    @Option(
            names = "--sample-steps",
            paramLabel = "N",
            description = "How many levels of noise it visits. Default: as the run's previews.")
    private Integer sampleSteps;

    @Option(
            names = "--weights",
            paramLabel = "ema|raw",
            description = "The running average of the weights, or those of the last step. Default: ema.")
    private String weights;

    /** @throws ddpm.UserError where an option alone cannot be right */
    void check() {
        OptionChecks.atLeast("--batch", batch, 1);
        OptionChecks.oneOf("--weights", weights, WEIGHTS);
        if (guidance != null) {
            OptionChecks.guidance(guidance);
        }
    }

    String classes() {
        return classes;
    }

    /** Null where it was not given. */
    Double guidance() {
        return guidance;
    }

    long seed() {
        return seed;
    }

    int batch() {
        return batch;
    }

    String sampler() {
        return sampler;
    }

    /** Null where it was not given. */
    Integer sampleSteps() {
        return sampleSteps;
    }

    /** As written; null where it was not given. */
    String weights() {
        return weights;
    }

    WeightsChoice weightsChoice() {
        return "raw".equals(weights) ? WeightsChoice.RAW : WeightsChoice.EMA;
    }

    /**
     * So many images of a checkpoint, from noise alone, in float32, for another use than files.
     *
     * @throws ddpm.UserError where an option is out of its range
     */
    SampleRequest request(Path checkpoint, int count, DeviceChoice device) {
        SampleRequest request = new SampleRequest(
                checkpoint,
                weightsChoice(),
                count,
                seed,
                batch,
                sampler,
                sampleSteps,
                null,
                null,
                null,
                null,
                "fp32",
                new ClassRequest(classes, guidance == null ? null : new Guidance(guidance, 0, 0, 1), true),
                EditRequest.NONE,
                null,
                null,
                null,
                null,
                device,
                0);
        request.checkRanges();
        return request;
    }
}
