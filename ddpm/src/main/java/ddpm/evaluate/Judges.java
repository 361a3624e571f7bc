package ddpm.evaluate;

import ddpm.DataException;
import ddpm.UserError;
import ddpm.data.source.DataEnvironment;
import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Parameters;
import ddpm.evaluate.measure.Rows;
import ddpm.evaluate.network.FeatureFile;
import ddpm.evaluate.network.FeatureNet;
import ddpm.evaluate.network.Lessons;
import ddpm.terminal.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Finds or makes the network that judges images of a set: shipped, kept from before, taught now, or random. */
final class Judges {
    private final Backend backend;
    private final DataEnvironment environment;
    private final Consumer<String> say;
    private final IntFunction<Progress> lessons;
    private final List<String> notes = new ArrayList<>();

    /**
     * @param backend owns the network's weights; computes in float32
     * @param say takes lines for the user
     * @param lessons shows so many steps of teaching
     */
    Judges(Backend backend, DataEnvironment environment, Consumer<String> say, IntFunction<Progress> lessons) {
        this.backend = backend;
        this.environment = environment;
        this.say = say;
        this.lessons = lessons;
    }

    /** What a report has to mention. */
    List<String> notes() {
        return List.copyOf(notes);
    }

    /** The one for some data. */
    Judge of(Reality reality) {
        if (reality.classes().isEmpty()) {
            FeatureNet net = FeatureNet.random(backend, reality.size(), reality.channels());
            return new Judge(
                    new FeatureFile(net, List.of(), ""),
                    "a random convolution net, since the data have no labels: its numbers compare runs on the same data,"
                            + " and nothing else",
                    false);
        }
        Optional<FeatureFile> shipped = FeatureFile.shipped(backend, reality.checksum());
        if (shipped.isPresent()) {
            return new Judge(shipped.get(), "a classifier of MNIST's digits that comes with ddpm", true);
        }
        Path cached = environment.featureCache().resolve(FeatureFile.key(reality.checksum()) + ".safetensors");
        if (Files.isRegularFile(cached)) {
            try {
                return learned(FeatureFile.read(backend, cached), "kept in " + cached);
            } catch (DataException e) {
                say.accept("not used: " + e.getMessage());
            }
        }
        return taught(reality, cached);
    }

    /**
     * The one in a file.
     *
     * @throws UserError where it takes other images or knows other classes
     */
    Judge read(Path features, Reality reality) {
        FeatureFile file = FeatureFile.read(backend, features);
        FeatureNet.Of of = file.net().of();
        if (!of.size().equals(reality.size()) || of.channels() != reality.channels()) {
            file.close();
            throw UserError.usage("--features " + features + ": takes images of " + of.size() + "x" + of.channels()
                    + ", the data have " + reality.size() + "x" + reality.channels());
        }
        boolean both = !file.classes().isEmpty() && !reality.classes().isEmpty();
        if (both && !file.classes().equals(reality.classes())) {
            file.close();
            throw UserError.usage("--features " + features + ": knows the classes "
                    + String.join(", ", file.classes()) + ", the data have "
                    + String.join(", ", reality.classes()));
        }
        return new Judge(file, "the network in " + features, !file.classes().isEmpty());
    }

    /** One that learns the classes of the data now. @param kept the file to write it into, where that can be written */
    Judge taught(Reality reality, Path kept) {
        FeatureNet net = new FeatureNet(
                new Parameters(backend, 0),
                new FeatureNet.Of(
                        reality.size(), reality.channels(), reality.classes().size()));
        Rows pixels = reality.all().at(reality.training());
        Lessons of = new Lessons(pixels, reality.labelsOf(reality.training()));
        say.accept("teaching a small network the classes of the data, once; it makes the features");
        try (Progress progress = lessons.apply(of.steps())) {
            of.teach(net, done -> progress.at(done, ""));
        }
        FeatureFile file = new FeatureFile(net, reality.classes(), reality.checksum());
        try {
            file.write(kept);
            return learned(file, "kept in " + kept);
        } catch (DataException e) {
            notes.add("the network for the features was not kept: " + e.getMessage());
            return learned(file, "not kept");
        }
    }

    private static Judge learned(FeatureFile file, String where) {
        return new Judge(file, "a classifier of the training images, " + where, true);
    }
}
