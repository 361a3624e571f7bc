package ddpm.evaluate;

import ddpm.Devices;
import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.DataSources;
import ddpm.engine.backend.Backend;
import ddpm.evaluate.likelihood.Likelihood;
import ddpm.evaluate.likelihood.LikelihoodMeasure;
import ddpm.evaluate.measure.Manifolds;
import ddpm.evaluate.measure.Products;
import ddpm.evaluate.measure.Rows;
import ddpm.evaluate.network.FeatureFile;
import ddpm.evaluate.network.FeatureNet;
import ddpm.model.Model;
import ddpm.sample.SamplingSession;
import ddpm.terminal.Durations;
import ddpm.terminal.Progress;
import ddpm.train.checkpoint.TrainedModel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code ddpm evaluate} from the request to the report. */
public final class EvaluationSession {
    private static final String PRECISION = "fp32";
    private static final int TINTED = 10_000; // training images that make the range of brightness

    private final EvaluateRequest request;
    private final DataSpec data;
    private final TrainedModel trained;
    private final DataEnvironment environment;
    private final PrintWriter out;
    private final List<String> notes = new ArrayList<>();

    /**
     * @param data what to compare with, at the size and channels of the samples
     * @param trained the checkpoint; null where samples are given
     * @param out progress, and the table
     */
    public EvaluationSession(
            EvaluateRequest request,
            DataSpec data,
            TrainedModel trained,
            DataEnvironment environment,
            PrintWriter out) {
        this.request = request;
        this.data = data;
        this.trained = trained;
        this.environment = environment;
        this.out = out;
    }

    /**
     * Draws or reads the samples, measures them, prints and writes.
     *
     * @throws UserError where something asked for cannot be used
     */
    public void run() {
        long began = System.nanoTime();
        try (Backend backend = Devices.open(request.device(), PRECISION)) {
            ImageSet set = DataSources.load(data, environment);
            out.println("comparing with " + set.describe());
            out.flush();
            Samples samples = samples(backend, set);
            Reality reality = reality(set, samples.pixels().count());
            Samples used = asMany(samples, reality);
            try (Judge judge = judge(backend, reality)) {
                Evaluation evaluation = measure(backend, reality, used, judge, likelihood(backend, reality));
                EvaluationTable.print(evaluation, out);
                write(evaluation);
            }
        }
        out.println("done in " + Durations.text((System.nanoTime() - began) / 1e9));
        out.flush();
    }

    private Samples samples(Backend backend, ImageSet set) {
        ImageSize size = new ImageSize(set.height(), set.width());
        Samples samples;
        if (request.drawing() != null) {
            requireSame(set);
            SamplingSession session = new SamplingSession(request.drawing(), trained, out);
            samples = Samples.of(session.images(backend), ofData(session.labels(), set));
        } else if (request.images() != null) {
            samples = Samples.ofFolder(request.images(), size, set.channels());
        } else {
            samples = Samples.ofNpy(request.npy(), size, set.channels());
        }
        notes.addAll(samples.notes());
        if (samples.pixels().count() < Manifolds.FEWEST) {
            throw UserError.usage("evaluate: " + samples.pixels().count() + " images say nothing about a distribution;"
                    + " give " + Manifolds.FEWEST + " or more, better 1000");
        }
        return samples;
    }

    private void requireSame(ImageSet set) {
        ImageSize size = trained.model().imSize();
        if (size.height() != set.height()
                || size.width() != set.width()
                || trained.model().imChannels() != set.channels()) {
            throw UserError.usage("--data " + data.source() + ": holds images of " + set.height() + "x" + set.width()
                    + "x" + set.channels() + ", the model draws " + size + "x"
                    + trained.model().imChannels() + "; name the data it was trained on");
        }
    }

    /** The model's labels as those of the data, by name; -1 for a class that the data do not have. */
    private int[] ofData(int[] labels, ImageSet set) {
        List<String> names = set.classes().names();
        if (labels == null || names.isEmpty()) {
            return null;
        }
        return Arrays.stream(labels)
                .map(l -> l < 0 ? l : names.indexOf(trained.classes().get(l)))
                .toArray();
    }

    private Reality reality(ImageSet set, int count) {
        int most = request.likelihood() == null
                ? count
                : Math.max(count, request.likelihood().images());
        Optional<ImageSet> test = DataSources.heldOut(data, most, environment);
        // images that are taken from the training's are no more than the samples: each changes what is compared with
        Reality reality = Reality.of(set, test, test.isPresent() ? most : count);
        if (reality.heldOut().count() < Manifolds.FEWEST) {
            throw UserError.usage("evaluate: " + set.name() + " has " + set.count() + " images, of which "
                    + reality.heldOut().count() + " can be held out; needed are " + Manifolds.FEWEST);
        }
        if (reality.training().length < Manifolds.FEWEST) {
            throw UserError.usage("evaluate: " + set.name() + " has " + reality.training().length
                    + " training images; needed are " + Manifolds.FEWEST);
        }
        return reality;
    }

    /** As many samples as held-out images: both numbers depend on how many there are. */
    private Samples asMany(Samples samples, Reality reality) {
        int held = reality.heldOut().count();
        if (samples.pixels().count() <= held) {
            return samples;
        }
        notes.add(String.format(
                Locale.ROOT,
                "only the first %,d of %,d samples are measured: there are no more held-out images to compare with",
                held,
                samples.pixels().count()));
        return samples.first(held);
    }

    private Judge judge(Backend backend, Reality reality) {
        Judges judges =
                new Judges(backend, environment, out::println, steps -> Progress.of(out, false, "step", 0, steps));
        Judge judge = request.teach() != null
                ? taughtAnew(judges, reality)
                : request.features() != null ? judges.read(request.features(), reality) : judges.of(reality);
        notes.addAll(judges.notes());
        return judge;
    }

    private Judge taughtAnew(Judges judges, Reality reality) {
        if (request.features() != null) {
            throw UserError.usage("--teach and --features: name one, the network is either made or read");
        }
        if (reality.classes().isEmpty()) {
            throw UserError.usage("--teach: the images of " + reality.name() + " have no labels; leave it out");
        }
        return judges.taught(reality, request.teach());
    }

    // ---- the numbers ----

    /** The bits of held-out images; null where nobody asked for them. */
    private Likelihood likelihood(Backend backend, Reality reality) {
        LikelihoodMeasure.Asked asked = request.likelihood();
        if (asked == null) {
            return null;
        }
        int held = reality.heldOut().count();
        if (held < asked.images()) {
            notes.add(String.format(
                    Locale.ROOT, "bits of %,d images instead of %,d: no more are held out", held, asked.images()));
        }
        out.println("asking for the bits of held-out images");
        try (Model model = new SamplingSession(request.drawing(), trained, out).network(backend)) {
            return new LikelihoodMeasure(backend, trained, asked, out)
                    .of(
                            model,
                            reality.all().at(reality.reference(Closeness.REFERENCE)),
                            reality.heldOut(),
                            ofModel(reality));
        }
    }

    /** What the held-out images show, as labels of the model; null where it is told nothing. */
    private int[] ofModel(Reality reality) {
        if (trained.classes().isEmpty() || reality.heldLabels().length == 0) {
            return null;
        }
        return Arrays.stream(reality.heldLabels())
                .map(l ->
                        l < 0 ? l : trained.classes().indexOf(reality.classes().get(l)))
                .toArray();
    }

    private Evaluation measure(Backend backend, Reality reality, Samples samples, Judge judge, Likelihood likelihood) {
        FeatureFile file = judge.file();
        Products products = new Products(backend);
        int count = samples.pixels().count();
        Rows held = reality.heldOut().part(0, count);
        int[] chosen = reality.reference(Closeness.REFERENCE);
        Closeness.Reference reference = Closeness.Reference.of(
                products, file.net().see(reality.all().at(chosen)).features());
        FeatureNet.Seen drawn = file.net().see(samples.pixels());
        FeatureNet.Seen real = file.net().see(held);
        int[] index = reality.heldIndex();
        return new Evaluation(
                request.source(),
                reality.name(),
                reality.how(),
                judge.text(),
                judge.learned(),
                chosen.length,
                reality.size(),
                reality.channels(),
                samples.pixels(),
                held,
                reality.all(),
                Closeness.Spread.of(products, reference, drawn.features()),
                Closeness.Spread.of(products, reference, real.features()),
                Neighbours.of(products, samples.pixels(), reality.all(), i -> -1),
                Neighbours.of(products, held, reality.all(), i -> index.length == 0 ? -1 : index[i]),
                Tints.of(samples.pixels(), held, reality.all().at(reality.reference(TINTED)), reality.channels()),
                file.classes().isEmpty() || reality.heldLabels().length == 0
                        ? null
                        : Shown.of(
                                reality.classes(),
                                drawn.chances(),
                                samples.labels(),
                                real.chances(),
                                Arrays.copyOf(reality.heldLabels(), count)),
                likelihood,
                List.copyOf(notes));
    }

    private void write(Evaluation evaluation) {
        Path json = request.out().resolve("evaluation.json");
        EvaluationJson.write(evaluation, json);
        out.println("wrote " + json);
        Path page = request.out().resolve("evaluation.html");
        EvaluationPage.write(evaluation, page);
        out.println("wrote " + page + ": the same with pictures, for any browser");
    }
}
