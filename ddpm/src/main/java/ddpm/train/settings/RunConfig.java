package ddpm.train.settings;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.config.Kinds;
import ddpm.config.Problems;
import ddpm.config.Yaml;
import ddpm.data.Channels;
import ddpm.data.Classes;
import ddpm.data.DataConfig;
import ddpm.data.DataSpec;
import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.TrainingTimes;
import ddpm.diffusion.Weighting;
import ddpm.diffusion.prediction.Predictions;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.schedule.Schedules;
import ddpm.diffusion.times.Times;
import ddpm.diffusion.weighting.Weightings;
import ddpm.model.ClassCount;
import ddpm.model.ModelConfig;
import ddpm.model.list.Models;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

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
        ModelConfig model,
        ScheduleConfig diffusion,
        ObjectiveConfig objective,
        TrainConfig train,
        SampleConfig sample) {

    /** The sections that come in kinds. */
    static final Kinds KINDS = new Kinds(Map.of(
            ModelConfig.class, Models.ALL,
            ScheduleConfig.class, Schedules.ALL,
            Prediction.class, Predictions.ALL,
            Weighting.class, Weightings.ALL,
            TrainingTimes.class, Times.ALL));

    private static final int NAMED = 3;

    /** Everything that is out of range or does not fit together, each with its key path; empty where all is well. */
    public Problems validate() {
        Problems problems = new Problems();
        problems.oneOf(Presets.names(), "preset", preset);
        data.check(problems.in("data"));
        model.check(problems.in("model"));
        diffusion.check(problems.in("diffusion"));
        objective.check(problems.in("objective"));
        train.check(problems.in("train"));
        sample.check(problems.in("sample"));
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
        int outputs = objective.outputs() * model.imChannels();
        if (model.outChannels() != outputs) {
            problems.add(
                    "model.out_channels",
                    model.outChannels() + " differs from "
                            + (objective.outputs() == 1
                                    ? "model.im_channels=" + outputs + ", but the prediction has the image's shape"
                                    : "twice model.im_channels=" + model.imChannels() + ", which objective.variance="
                                            + objective.variance() + " needs")
                            + "; leave out out_channels");
        }
        String unfit = objective.prediction().unfit(diffusion.schedule());
        if (!unfit.isEmpty()) {
            problems.add("objective.prediction.kind", unfit);
        }
        sample.checkWith(diffusion, problems.in("sample"));
    }

    /** The run in a precision that is not {@code auto}, so that it goes on in the same one elsewhere. */
    public RunConfig withPrecision(String precision) {
        return new RunConfig(preset, seed, data, model, diffusion, objective, train.withPrecision(precision), sample);
    }

    /** Its images; where the source is left open, MNIST. */
    public DataSpec dataSpec() {
        return new DataSpec(
                data.source() == null ? "mnist" : data.source(),
                Channels.parse(data.channels()),
                data.imageSize().orElse(null),
                seed,
                0);
    }

    /** The run on another source of images. */
    public RunConfig withSource(String source) {
        DataConfig other = new DataConfig(source, data.channels(), data.size(), data.classes(), data.flip());
        return new RunConfig(preset, seed, other, model, diffusion, objective, train, sample);
    }

    /**
     * The run with the images as they were found: model and data sections name their size and channels, so that a
     * resumed run prepares them in the same way.
     */
    public RunConfig forImages(int channels, ImageSize size) {
        DataConfig found =
                new DataConfig(data.source(), String.valueOf(channels), size.toString(), data.classes(), data.flip());
        return new RunConfig(preset, seed, found, model.forImages(channels, size), diffusion, objective, train, sample);
    }

    /**
     * The run with the classes that its images have: how many the model knows, and their names.
     *
     * @throws UserError where the model is to know classes that the images do not have
     */
    public RunConfig forClasses(Classes found) {
        int count = found.names().size();
        if (model.classes().equals(ClassCount.NONE) || model.classes().equals(ClassCount.AUTO) && count == 0) {
            return withClasses(ClassCount.NONE, null);
        }
        if (count == 0) {
            throw UserError.usage("model.classes=" + model.classes() + ": the images have no labels; give them some (a"
                    + " folder for each class, labels.csv, or a file of labels), or set model.classes=none");
        }
        if (!model.classes().equals(ClassCount.AUTO) && ClassCount.of(model.classes()) != count) {
            throw UserError.usage("model.classes=" + model.classes() + ": the images have " + count + " classes ("
                    + Problems.list(found.names().stream().limit(NAMED).toList(), "and")
                    + (count > NAMED ? " and more" : "")
                    + "); set model.classes=auto");
        }
        if (data.classes() != null && !data.classes().equals(found.names())) {
            throw UserError.usage("data.classes: the images' classes are now " + String.join(", ", found.names())
                    + ", not " + String.join(", ", data.classes())
                    + "; bring back the images of before, or start a new run with another --out");
        }
        return withClasses(String.valueOf(count), found.names());
    }

    /** The run with the classes of the one that it goes on with, where it leaves them to the images. */
    public RunConfig withClassesOf(RunConfig before) {
        List<String> names = data.classes() == null ? before.data().classes() : data.classes();
        String count = model.classes().equals(ClassCount.AUTO) ? before.model().classes() : model.classes();
        return withClasses(count, names);
    }

    /** The names of the model's classes, label by label: the labels themselves where none were noted; empty without classes. */
    public List<String> classNames() {
        int count = ClassCount.of(model.classes());
        List<String> names = data.classes();
        if (names != null && names.size() == count) {
            return names;
        }
        return IntStream.range(0, count).mapToObj(String::valueOf).toList();
    }

    private RunConfig withClasses(String count, List<String> names) {
        DataConfig named = new DataConfig(data.source(), data.channels(), data.size(), names, data.flip());
        return new RunConfig(preset, seed, named, model.withClasses(count), diffusion, objective, train, sample);
    }

    /** All settings, as in {@code config.yaml}. */
    public ObjectNode tree() {
        return KINDS.tree(this);
    }

    /**
     * The text of {@code config.yaml}. The same configuration gives the same text, and {@link ConfigLoader} reads the
     * same configuration from it.
     */
    public String toYaml() {
        return RunConfigFile.HEADER + Yaml.print(tree());
    }
}
