package ddpm.train;

import ddpm.config.ImageSize;
import ddpm.config.Problems;
import ddpm.config.Yaml;
import ddpm.data.DataConfig;
import ddpm.diffusion.ScheduleConfig;
import ddpm.model.UNetConfig;
import ddpm.sample.SampleConfig;

/**
 * Everything that determines a training run beside the device: what {@code config.yaml} in a run folder holds.
 *
 * @param preset the name the settings started from
 * @param seed of every random number of the run
 */
public record RunConfig(
        String preset,
        long seed,
        DataConfig data,
        UNetConfig model,
        ScheduleConfig diffusion,
        TrainConfig train,
        SampleConfig sample) {

    /** Everything that is out of range or does not fit together, each with its key path; empty where all is well. */
    public Problems validate() {
        Problems problems = new Problems();
        problems.oneOf(Presets.names(), "preset", preset);
        data.check(problems.in("data"));
        model.check(problems.in("model"));
        diffusion.check(problems.in("diffusion"));
        train.check(problems.in("train"));
        sample.check(diffusion.timesteps(), problems.in("sample"));
        if (problems.isEmpty()) {
            checkTogether(problems);
        }
        return problems;
    }

    private void checkTogether(Problems problems) {
        data.imageSize()
                .filter(size -> !size.equals(model.imSize()))
                .ifPresent(size -> problems.add(
                        "model.im_size",
                        model.imSize() + " differs from data.size=" + size + "; leave out one of the two"));
        data.imageChannels()
                .filter(c -> c != model.imChannels())
                .ifPresent(c -> problems.add(
                        "model.im_channels",
                        model.imChannels() + " differs from data.channels=" + c + "; leave out one of the two"));
        if (model.outChannels() != model.imChannels()) {
            problems.add(
                    "model.out_channels",
                    model.outChannels() + " differs from model.im_channels=" + model.imChannels()
                            + ", but the model predicts noise of the image's shape; leave out out_channels");
        }
    }

    /** The run in a precision that is not {@code auto}, so that it goes on in the same one elsewhere. */
    public RunConfig withPrecision(String precision) {
        return new RunConfig(preset, seed, data, model, diffusion, train.withPrecision(precision), sample);
    }

    /** The run on another source of images. */
    public RunConfig withSource(String source) {
        DataConfig other = new DataConfig(source, data.channels(), data.size(), data.flip());
        return new RunConfig(preset, seed, other, model, diffusion, train, sample);
    }

    /**
     * The run with the images as they were found: model and data sections name their size and channels, so that a
     * resumed run prepares them in the same way.
     */
    public RunConfig forImages(int channels, ImageSize size) {
        DataConfig found = new DataConfig(data.source(), String.valueOf(channels), size.toString(), data.flip());
        return new RunConfig(preset, seed, found, model.forImages(channels, size), diffusion, train, sample);
    }

    /**
     * The text of {@code config.yaml}. The same configuration gives the same text, and {@link ConfigLoader} reads the
     * same configuration from it.
     */
    public String toYaml() {
        return RunConfigFile.HEADER + Yaml.print(Yaml.tree(this));
    }
}
