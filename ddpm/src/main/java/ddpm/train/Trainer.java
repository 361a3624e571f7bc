package ddpm.train;

import ddpm.UserError;
import ddpm.data.ImageSet;
import ddpm.diffusion.NoiseSchedule;
import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.io.HostTensor;
import ddpm.engine.ops.QSample;
import ddpm.engine.optim.Adam;
import ddpm.engine.optim.AdamConfig;
import ddpm.engine.optim.Ema;
import ddpm.engine.optim.GradientClip;
import ddpm.engine.optim.LearningRate;
import ddpm.engine.optim.NotFiniteException;
import ddpm.engine.optim.StepMemory;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.model.UNet;
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
    private final Tensor images;
    private final Nhwc data;
    private final NoiseSchedule schedule;
    private final QSample qSample;
    private final UNet model;
    private final AdamConfig adamConfig;
    private final Adam adam;
    private final StepMemory memory;
    private final Ema ema;
    private final LearningRate learningRate;
    private Progress progress = new Progress(0, 0, 0, 0, 0, 0);

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
     * @param loss mean squared error of the predicted noise
     * @param lr learning rate
     * @param gradNorm global norm of the gradients before clipping
     * @param epochLoss mean over all images of the epoch this step ended; NaN while the epoch runs
     */
    public record Result(
            long step, long epoch, long images, int batch, double loss, double lr, double gradNorm, double epochLoss) {}

    /** @param config fits the images, see {@link RunConfig#forImages} */
    public Trainer(RunConfig config, Backend backend, ImageSet set) {
        this.config = config;
        this.backend = backend;
        this.resident = Scope.on(backend);
        this.data = new Nhwc(set.count(), set.height(), set.width(), set.channels());
        this.images = resident.tensor(Shape.of(data), joined(set));
        this.schedule = new NoiseSchedule(config.diffusion());
        this.qSample = schedule.qSample(resident);
        this.model = new UNet(config.model(), backend, config.seed());
        TrainConfig t = config.train();
        this.adamConfig = new AdamConfig(
                t.beta1(), t.beta2(), t.eps(), t.weightDecay(), t.optimizer().equals("adamw"));
        this.adam = new Adam(model.parameters(), adamConfig);
        this.memory = new StepMemory(backend, 1);
        this.ema = new Ema(model.parameters(), t.emaDecay(), true);
        this.learningRate = t.learningRate(data.n());
    }

    private static byte[] joined(ImageSet set) {
        byte[] all = new byte[Math.toIntExact(set.bytes())];
        int at = 0;
        for (byte[] image : set.images()) {
            System.arraycopy(image, 0, all, at, image.length);
            at += image.length;
        }
        return all;
    }

    public RunConfig config() {
        return config;
    }

    public UNet model() {
        return model;
    }

    public NoiseSchedule schedule() {
        return schedule;
    }

    public Backend backend() {
        return backend;
    }

    /** Steps of the whole training. */
    public long totalSteps() {
        return config.train().totalSteps(data.n());
    }

    /** Images in an epoch. */
    long images() {
        return data.n();
    }

    /** Steps done. */
    public long step() {
        return progress.step();
    }

    /**
     * One step on the next batch; the last batch of an epoch may be smaller.
     *
     * @throws NotFiniteException when the loss or a gradient is NaN or infinite; the weights are those before the step
     */
    public Result next() {
        int rows = (int) Math.min(config.train().batch(), data.n() - progress.position());
        long number = progress.step() + 1;
        double lr = learningRate.at(number);
        try (Scope scope = Scope.recording(backend)) {
            memory.write(adamConfig.numbers(
                    (int) progress.epoch(),
                    (int) progress.position(),
                    (int) progress.step(),
                    0,
                    lr,
                    ema.rest(progress.step())));
            Tensor loss = loss(scope, rows);
            Gradients gradients = scope.tape().backward(loss);
            GradientClip.measure(
                    model.parameters(), gradients, loss, config.train().clipGradNorm(), memory);
            adam.step(gradients, memory);
            ema.update(memory);
            StepMemory.Result result = memory.read(1).get(0);
            double value = result.loss();
            if (!Double.isFinite(value)) {
                throw new NotFiniteException("the loss is " + value
                        + "; lower the learning rate (--lr), or clip the gradients (train.clip_grad_norm)");
            }
            if (!result.finite()) {
                throw GradientClip.notFinite(model.parameters(), gradients, result.norm());
            }
            return advance(rows, value, lr, result.norm());
        }
    }

    private Tensor loss(Scope scope, int rows) {
        NoiseAdd g = new NoiseAdd(
                new Nhwc(rows, data.h(), data.w(), data.c()),
                data.n(),
                config.seed(),
                config.data().flip(),
                config.train().stratifiedT(),
                schedule.timesteps());
        QSample.Batch batch = qSample.batch(g, memory.numbers(), images.in(scope));
        return model.forward(batch.xt(), batch.t()).mse(batch.eps());
    }

    private Result advance(int rows, double loss, double lr, double gradNorm) {
        double lossSum = progress.epochLossSum() + loss * rows;
        long lossCount = progress.epochLossCount() + rows;
        long position = progress.position() + rows;
        long seen = progress.images() + rows;
        boolean ends = position == data.n();
        progress = ends
                ? new Progress(progress.step() + 1, progress.epoch() + 1, 0, seen, 0, 0)
                : new Progress(progress.step() + 1, progress.epoch(), position, seen, lossSum, lossCount);
        double epochLoss = ends ? lossSum / lossCount : Double.NaN;
        return new Result(progress.step(), progress.epoch(), seen, rows, loss, lr, gradNorm, epochLoss);
    }

    /**
     * Computes a step's forward and backward on {@code rows} images and forgets the result: for estimates. They are the
     * first of the epoch, since fewer may be left of it.
     */
    void rehearse(int rows) {
        try (Scope scope = Scope.recording(backend)) {
            memory.write(adamConfig.numbers((int) progress.epoch(), 0, (int) progress.step(), 0, 0, 0));
            scope.tape().backward(loss(scope, (int) Math.min(rows, data.n())));
        }
    }

    /** What {@code body} returns while the model has the averaged weights. */
    public <T> T averaged(Supplier<T> body) {
        return ema.averaged(body);
    }

    /** Everything that {@link #restore} needs. */
    public Checkpoint snapshot() {
        Map<String, HostTensor> moments = new LinkedHashMap<>(adam.toHost());
        return new Checkpoint(
                model.parameters().toHost(),
                ema.toHost(),
                moments,
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
        fitting(folder.resolve(Checkpoint.EMA), () -> ema.load(checkpoint.ema()));
        fitting(folder.resolve(Checkpoint.TRAINER), () -> adam.load(checkpoint.trainer()));
        progress = new Progress(
                s.step(), s.epoch(), s.positionInEpoch(), s.images(), s.epochLossSum(), s.epochLossCount());
    }

    /**
     * Returns when a training on these images in batches of this size can have come to {@code s}.
     *
     * @param file where it was read from, for the message
     * @throws UserError when its steps, epochs and images do not agree
     */
    void requireReachable(TrainerState s, Path file) {
        long batch = config.train().batch();
        long position = s.positionInEpoch();
        boolean reachable = position < data.n()
                && position % batch == 0
                && s.step() == s.epoch() * config.train().stepsPerEpoch(data.n()) + position / batch
                && s.images() == s.epoch() * data.n() + position
                && s.epochLossCount() == position;
        if (!reachable) {
            throw new UserError(file + ": step " + s.step() + " after " + s.epoch() + " epochs and " + s.images()
                    + " images cannot be reached with " + data.n() + " images in batches of " + batch
                    + "; bring back the images that the run began with, or start a new run with another --out");
        }
    }

    /** The optimizer looks for its own names only. */
    private void requireNoSurplus(Map<String, HostTensor> found, Path file) {
        List<String> surplus = new ArrayList<>(found.keySet());
        surplus.removeAll(adam.toHost().keySet());
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
        memory.close();
        adam.close();
        ema.close();
        model.close();
        resident.close();
    }
}
