package ddpm.bench.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * One process that was measured.
 *
 * @param series of a scaling run: what was varied; null in a comparison
 * @param size of the images, HxW
 * @param widths factor on the preset's numbers of channels
 * @param trainSeconds of a training step, one per sample
 * @param trainSteps in all samples
 * @param samplingSeconds of a sampling step, one per sample; may be empty
 * @param firstStepSeconds from the command to the end of the first training step
 * @param peakMegabytes of training: resident memory, on a GPU memory held there
 * @param others largest share of the cores that other processes used during a sample, 0 to 1
 */
@JsonIgnoreProperties({"kind", "refused", "loss"})
record Steps(
        String series,
        String variant,
        String version,
        String device,
        String preset,
        int batch,
        String size,
        double widths,
        long parameters,
        @JsonProperty("train_s") List<Double> trainSeconds,
        @JsonProperty("train_steps") int trainSteps,
        @JsonProperty("sampling_s") List<Double> samplingSeconds,
        @JsonProperty("sampling_steps") int samplingSteps,
        @JsonProperty("first_step_s") double firstStepSeconds,
        @JsonProperty("peak_mb") long peakMegabytes,
        double others) {

    boolean ours() {
        return variant.startsWith("ddpm-");
    }

    boolean fp32() {
        return variant.contains("-fp32");
    }

    String workload() {
        return "preset " + preset + ", batch " + batch + ", " + size + (widths == 1 ? "" : ", widths x" + widths);
    }
}
