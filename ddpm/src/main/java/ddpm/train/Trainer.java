package ddpm.train;

import ddpm.BatchFit;
import ddpm.UserError;
import ddpm.data.ImageSet;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.backend.OutOfMemoryException;
import ddpm.engine.io.TensorSource;
import ddpm.engine.nn.Parameters;
import ddpm.engine.optim.Adam;
import ddpm.engine.optim.AdamConfig;
import ddpm.engine.optim.LearningRate;
import ddpm.engine.optim.NotFiniteException;
import ddpm.engine.optim.StepMemory;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.model.ClassCount;
import ddpm.model.Model;
import ddpm.sample.ImageSampler;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.checkpoint.Snapshot;
import ddpm.train.checkpoint.TrainerState;
import ddpm.train.settings.RunConfig;
import ddpm.train.settings.TrainConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The training itself, without files or screen: a model, its optimizer and average, the images on the device, and the
 * step of Ho et al. 2020, algorithm 1. Everything random follows from the seed and the step's number, so that {@link
 * #restore} continues bit for bit.
 */
public final class Trainer implements AutoCloseable {
    private final RunConfig config;
    private final Backend backend;
    private final Scope resident;
    private final long images;
    private final Model model;
    private final AdamConfig adamConfig;
    private final Adam adam;
    private final TrainingStep trainingStep;
    private final Averages averages;
    private final LearningRate learningRate;
    private Progress progress = new Progress(0, 0, 0, 0, 0, 0);
    private boolean begun;

    /** Where the training stands; the numbers of {@link TrainerState}. */
    private record Progress(
            long step, long epoch, long position, long images, double epochLossSum, long epochLossCount) {}

    /**
     * What one step did.
     *
     * @param step number of the step, from 1
     * @param epoch epochs finished
     * @param images seen since the first step
     * @param batch images of this step
     * @param loss weighted squared error of the prediction; with a learned variance the bound beside it
     * @param lr learning rate
     * @param gradNorm global norm of the gradients before clipping
     * @param epochLoss mean over all images of the epoch this step ended; NaN while the epoch runs
     * @param byTime the loss by parts of [0, T)
     */
    public record Result(
            long step,
            long epoch,
            long images,
            int batch,
            double loss,
            double lr,
            double gradNorm,
            double epochLoss,
            LossByTime byTime) {}

    /**
     * @param config fits the images, see {@link RunConfig#forImages}
     * @param set copied to the device: the trainer does not hold on to it
     */
    public Trainer(RunConfig config, Backend backend, ImageSet set) {
        this.config = config.forClasses(set.classes());
        this.backend = backend;
        this.resident = Scope.on(backend);
        Tensor images = DeviceImages.upload(set, resident);
        this.images = set.count();
        this.model = this.config.model().create(new Parameters(backend, config.seed()));
        TrainConfig t = config.train();
        this.adamConfig = new AdamConfig(
                t.beta1(), t.beta2(), t.eps(), t.weightDecay(), t.optimizer().equals("adamw"));
        this.adam = new Adam(
                model.parameters(),
                adamConfig,
                p -> t.decayBiases() || p.fileShape().rank() > 1); // biases and norms have one extent
        this.averages = new Averages(model.parameters(), t);
        this.learningRate = t.learningRate(set.count());
        Tensor labels =
                DeviceImages.labels(set, ClassCount.of(this.config.model().classes()), resident);
        this.trainingStep = new TrainingStep(this.config, images, labels, model, adam, averages);
    }

    public RunConfig config() {
        return config;
    }

    public Model model() {
        return model;
    }

    /** The model as samplers see it. */
    public ImageSampler.Trained trained() {
        return new ImageSampler.Trained(model, config.diffusion(), config.objective());
    }

    public Backend backend() {
        return backend;
    }

    /** Steps of the whole training. */
    public long totalSteps() {
        return config.train().totalSteps(images);
    }

    /** Images in an epoch. */
    public long images() {
        return images;
    }

    /** Steps done. */
    public long step() {
        return progress.step();
    }

    /**
     * The next steps, each on the next batch; the last batch of an epoch may be smaller. One step where the device computes
     * at once; where it runs ahead, all are asked for before the first result is read.
     *
     * @param most that may be done now, at least 1: whoever wants to see the weights after a step asks for no step after it
     * @return at least one
     * @throws NotFiniteException when the loss or a gradient of the first of them is NaN or infinite; the weights are those
     *     before the step
     * @throws OutOfMemoryException naming the batch that would fit
     */
    public List<Result> next(int most) {
        if (!begun) {
            begun = true;
            shrinkHeap();
        }
        try {
            return askedAndDone(most);
        } catch (OutOfMemoryException e) {
            throw BatchFit.explain(e, backend, config.train().batch(), this::compute);
        }
    }

    /**
     * Gives back to the system what start-up took. Java's heap grows to several times what steps need and keeps it, beside
     * a CPU's tensors (docs/decisions/0016).
     */
    private static void shrinkHeap() {
        System.gc();
    }

    private List<Result> askedAndDone(int most) {
        List<Asked> asked = new ArrayList<>();
        Place at = new Place(progress.step(), progress.epoch(), progress.position());
        int steps = trainingStep.prepare(at.step(), Math.min(most, trainingStep.ahead()));
        for (int slot = 0; slot < steps; slot++) {
            Asked step = asked(at, slot);
            trainingStep.ask(step.batch(), step.update());
            asked.add(step);
            at = at.after(step.rows(), images);
        }
        return results(asked, trainingStep.results(asked.size()));
    }

    /** One step asked for. */
    private record Asked(TrainingStep.Batch batch, UpdateNumbers update, double lr) {
        int rows() {
            return batch.rows();
        }
    }

    /** Which step is next, and on which images. */
    private record Place(long step, long epoch, long position) {
        Place after(int rows, long images) {
            boolean ends = position + rows == images;
            return new Place(step + 1, ends ? epoch + 1 : epoch, ends ? 0 : position + rows);
        }
    }

    private Asked asked(Place at, int slot) {
        TrainConfig t = config.train();
        int rows = (int) Math.min(t.wholeBatch(), images - at.position());
        int step = Math.toIntExact(at.step());
        BatchNumbers first = new BatchNumbers(Math.toIntExact(at.epoch()), Math.toIntExact(at.position()), step, 0);
        double lr = learningRate.at(at.step() + 1);
        UpdateNumbers update = adamConfig.numbers(step, slot, lr, averages.rests(at.step()));
        return new Asked(new TrainingStep.Batch(first, rows, t.batch()), update, lr);
    }

    /** Up to the first that is not finite; where that is the first, the reason is thrown. */
    private List<Result> results(List<Asked> asked, List<StepMemory.Result> found) {
        int done = 0;
        while (done < found.size() && found.get(done).finite()) {
            done++;
        }
        if (done == 0) {
            throw trainingStep.failure(asked.get(0).batch(), found.get(0));
        }
        if (done < found.size()) {
            trainingStep.reset(); // the next call begins with this step
        }
        List<LossByTime> byTime = trainingStep.learn(
                asked.subList(0, done).stream().map(Asked::rows).toList());
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < done; i++) {
            results.add(advance(asked.get(i), found.get(i), byTime.get(i)));
        }
        return results;
    }

    private Result advance(Asked step, StepMemory.Result found, LossByTime byTime) {
        int rows = step.rows();
        double lossSum = progress.epochLossSum() + found.loss() * (double) rows;
        long lossCount = progress.epochLossCount() + rows;
        long position = progress.position() + rows;
        long seen = progress.images() + rows;
        boolean ends = position == images;
        progress = ends
                ? new Progress(progress.step() + 1, progress.epoch() + 1, 0, seen, 0, 0)
                : new Progress(progress.step() + 1, progress.epoch(), position, seen, lossSum, lossCount);
        double epochLoss = ends ? lossSum / lossCount : Double.NaN;
        return new Result(
                progress.step(),
                progress.epoch(),
                seen,
                rows,
                found.loss(),
                step.lr(),
                found.norm(),
                epochLoss,
                byTime);
    }

    /**
     * Computes a step's forward and backward on {@code rows} images and forgets the result: for estimates. They are the
     * first of the epoch, since fewer may be left of it.
     *
     * @throws OutOfMemoryException naming the batch that would fit
     */
    public void rehearse(int rows) {
        try {
            compute(rows);
        } catch (OutOfMemoryException e) {
            throw BatchFit.explain(e, backend, rows, this::compute);
        }
    }

    private void compute(int rows) {
        TrainingStep.Batch first =
                asked(new Place(progress.step(), progress.epoch(), 0), 0).batch();
        trainingStep.rehearse(first, (int) Math.min(rows, images));
    }

    /** What {@code body} returns while the model has the averaged weights. */
    public <T> T averaged(Supplier<T> body) {
        return averages.averaged(body);
    }

    /** Everything that {@link #restore} needs, as long as no other step is done. */
    public Snapshot snapshot() {
        return new Snapshot(
                model.parameters().sources(),
                averages.sources(),
                averages.others(),
                trainerSources(),
                new TrainerState(
                        progress.step(),
                        progress.epoch(),
                        progress.position(),
                        progress.images(),
                        progress.epochLossSum(),
                        progress.epochLossCount()));
    }

    /**
     * Continues from a snapshot.
     *
     * @param folder where it was read from, for the message
     * @throws UserError naming the file whose tensors do not fit the model
     */
    public void restore(Checkpoint checkpoint, Path folder) {
        TrainerState s = checkpoint.state();
        requireNoSurplus(checkpoint.trainer(), folder.resolve(Checkpoint.TRAINER));
        fitting(folder.resolve(Checkpoint.MODEL), () -> model.parameters().load(checkpoint.model()));
        fitting(folder.resolve(Checkpoint.EMA), () -> averages.load(checkpoint.ema()));
        checkpoint
                .averages()
                .forEach((file, tensors) -> fitting(folder.resolve(file), () -> averages.load(file, tensors)));
        fitting(folder.resolve(Checkpoint.TRAINER), () -> {
            adam.load(checkpoint.trainer());
            trainingStep.load(checkpoint.trainer());
        });
        progress = new Progress(
                s.step(), s.epoch(), s.positionInEpoch(), s.images(), s.epochLossSum(), s.epochLossCount());
    }

    /**
     * Returns when a training on these images in batches of this size can have come to {@code s}.
     *
     * @param file where it was read from, for the message
     * @throws UserError when its steps, epochs and images do not agree
     */
    public void requireReachable(TrainerState s, Path file) {
        long batch = config.train().wholeBatch();
        long position = s.positionInEpoch();
        boolean reachable = position < images
                && position % batch == 0
                && s.step() == s.epoch() * config.train().stepsPerEpoch(images) + position / batch
                && s.images() == s.epoch() * images + position
                && s.epochLossCount() == position;
        if (!reachable) {
            throw new UserError(file + ": step " + s.step() + " after " + s.epoch() + " epochs and " + s.images()
                    + " images cannot be reached with " + images + " images in batches of " + batch
                    + (s.epoch() > 0 && s.images() > position
                            ? " (the run began with " + (s.images() - position) / s.epoch() + ")"
                            : "")
                    + "; bring back the images that the run began with, or start a new run with another --out");
        }
    }

    /** The optimizer's moments, and what the steps keep. */
    private Map<String, TensorSource> trainerSources() {
        Map<String, TensorSource> sources = new LinkedHashMap<>(adam.sources());
        sources.putAll(trainingStep.sources());
        return sources;
    }

    /** Each looks for its own names only. */
    private void requireNoSurplus(Map<String, HostTensor> found, Path file) {
        List<String> surplus = new ArrayList<>(found.keySet());
        surplus.removeAll(trainerSources().keySet());
        if (!surplus.isEmpty()) {
            throw new UserError(file + " holds " + surplus.size() + " tensors of no parameter, such as '"
                    + surplus.get(0) + "'; use the configuration it was trained with");
        }
    }

    private static void fitting(Path file, Runnable load) {
        try {
            load.run();
        } catch (TensorException e) {
            throw new UserError(file + " " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        trainingStep.close();
        adam.close();
        averages.close();
        model.close();
        resident.close();
    }
}
