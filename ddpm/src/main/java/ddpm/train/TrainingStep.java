package ddpm.train;

import ddpm.diffusion.Condition;
import ddpm.diffusion.Streams;
import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.LabelOps.LabelDraw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.backend.Recorder;
import ddpm.engine.io.TensorSource;
import ddpm.engine.ops.DrawLabels;
import ddpm.engine.ops.QSample;
import ddpm.engine.optim.Adam;
import ddpm.engine.optim.GradientClip;
import ddpm.engine.optim.NotFiniteException;
import ddpm.engine.optim.StepMemory;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.model.Model;
import ddpm.train.settings.RunConfig;
import java.util.List;
import java.util.Map;

/**
 * The step of Ho et al. 2020, algorithm 1, as a device does it again and again: for each part of the batch images, noise,
 * forward, backward; then clipping, Adam, average. Between the numbers that go in ({@link BatchNumbers}, {@link
 * UpdateNumbers}) and the results that stay in a ring nothing passes between host and device, so a device may record the step
 * once and replay it, and run some steps ahead of the host.
 */
final class TrainingStep implements AutoCloseable {
    /** Steps asked for before the first result is read, where the device computes while the host goes on. */
    static final int AHEAD = 16;

    private final RunConfig config;
    private final Backend backend;
    private final Tensor images;
    private final Tensor labels; // null where the model knows no classes
    private final Nhwc data;
    private final Model model;
    private final Adam adam;
    private final Averages averages;
    private final StepLoss stepLoss;
    private final StepMemory memory;
    private final Recorder recorder;
    private final Accumulation accumulation; // null where a batch is one part

    /**
     * @param images U8 [images,H,W,C]
     * @param labels I32 [images]; null where the model knows no classes
     */
    TrainingStep(RunConfig config, Tensor images, Tensor labels, Model model, Adam adam, Averages averages) {
        this.config = config;
        this.backend = images.backend();
        this.images = images;
        this.labels = labels;
        this.data = images.nhwc("training");
        this.model = model;
        this.adam = adam;
        this.averages = averages;
        this.memory = new StepMemory(backend, backend.asynchronous() ? AHEAD : 1);
        this.stepLoss = new StepLoss(config, backend, memory.slots());
        this.recorder = backend.recorder();
        this.accumulation = config.train().accumulate() > 1 ? new Accumulation(model.parameters()) : null;
    }

    /**
     * One step's batch.
     *
     * @param numbers of its first part
     * @param rows images of all parts
     * @param part images of a part; the last may have fewer
     */
    record Batch(BatchNumbers numbers, int rows, int part) {
        /** Of the part that begins with this row. */
        BatchNumbers from(int row) {
            return new BatchNumbers(numbers.epoch(), numbers.position() + row, numbers.step(), row);
        }

        int rowsFrom(int row) {
            return Math.min(part, rows - row);
        }
    }

    /** What is recorded of a part: its rows, those of the batch, and whether it is the first. */
    private record PartKey(int rows, int whole, boolean first) {}

    /** How many steps may be asked for before {@link #results}. */
    int ahead() {
        return memory.slots();
    }

    /** Of the {@code most} steps after {@code step}, how many draw from the same table, which is the one that they need afterwards. */
    int prepare(long step, int most) {
        return stepLoss.prepare(step, most);
    }

    /** What steps that are done have cost, which is taken into account. @param rows images of each, in the order of the slots */
    List<LossByTime> learn(List<Integer> rows) {
        return stepLoss.learn(rows);
    }

    /** What is kept of the steps done beside weights and optimizer. */
    Map<String, TensorSource> sources() {
        return stepLoss.sources();
    }

    /** Goes on from what {@link #sources} gave. */
    void load(Map<String, HostTensor> from) {
        stepLoss.load(from);
    }

    /** Asks for a step; its result goes to the slot that {@code update} names. */
    void ask(Batch batch, UpdateNumbers update) {
        memory.write(update);
        if (batch.rows() <= batch.part() && accumulation == null) {
            memory.write(batch.numbers());
            recorder.run(batch.rows(), () -> {
                try (Scope scope = Scope.recording(backend)) {
                    Tensor loss = kept(loss(scope, batch.rows(), batch.rows()));
                    Gradients gradients = scope.tape().backward(loss);
                    update(
                            model.parameters().tensors().stream()
                                    .map(gradients::of)
                                    .toList(),
                            loss);
                }
            });
            return;
        }
        for (int row = 0; row < batch.rows(); row += batch.part()) {
            add(batch, row);
        }
        recorder.run("update", () -> update(accumulation.gradients(), accumulation.loss()));
    }

    /** Adds a part's loss and gradients to those of the parts before. */
    private void add(Batch batch, int row) {
        int rows = batch.rowsFrom(row);
        memory.write(batch.from(row));
        recorder.run(new PartKey(rows, batch.rows(), row == 0), () -> {
            try (Scope scope = Scope.recording(backend)) {
                Tensor loss = kept(loss(scope, rows, batch.rows())).scale((float) rows / batch.rows());
                Gradients gradients = scope.tape().backward(loss);
                accumulation.add(row == 0, gradients, loss);
            }
        });
    }

    private void update(List<Tensor> gradients, Tensor loss) {
        GradientClip.measure(model.parameters(), gradients, loss, config.train().clipGradNorm(), memory);
        adam.step(gradients, memory);
        averages.update(memory);
    }

    private Tensor kept(StepLoss.Loss loss) {
        stepLoss.keep(loss, memory);
        return loss.mean();
    }

    /** Of a part of a batch. */
    private StepLoss.Loss loss(Scope scope, int rows, int whole) {
        NoiseAdd g = new NoiseAdd(
                new Nhwc(rows, data.h(), data.w(), data.c()),
                data.n(),
                config.seed(),
                config.data().flip(),
                config.train().stratifiedT(),
                stepLoss.rows(),
                whole,
                Streams.TRAINING_NOISE,
                Streams.TRAINING_TIME,
                Streams.FLIP);
        QSample.Batch batch = stepLoss.batch(g, memory.batch(), images.in(scope));
        return stepLoss.of(batch, model.predict(batch.xt(), batch.time(), condition(scope, rows)));
    }

    private Condition condition(Scope scope, int rows) {
        if (labels == null) {
            return Condition.NONE;
        }
        LabelDraw g =
                new LabelDraw(rows, data.n(), config.seed(), config.train().labelDropout(), Streams.LABEL_DROPOUT);
        return new Condition(DrawLabels.apply(g, memory.batch(), labels.in(scope)));
    }

    /** Waits for the steps asked for and gives what is in the first {@code count} slots. */
    List<StepMemory.Result> results(int count) {
        return memory.read(count);
    }

    /**
     * Why a step's result is not finite. It and those asked for after it have changed nothing, so it is computed once more,
     * this time to look at its gradients; afterwards steps change the weights again.
     */
    NotFiniteException failure(Batch batch, StepMemory.Result result) {
        memory.reset();
        if (!Float.isFinite(result.loss())) {
            return new NotFiniteException("the loss is " + result.loss()
                    + "; lower the learning rate (--lr), or clip the gradients (train.clip_grad_norm)");
        }
        if (accumulation != null) {
            return GradientClip.notFinite(model.parameters(), accumulation.gradients(), result.norm());
        }
        memory.write(batch.numbers());
        try (Scope scope = Scope.recording(backend)) {
            Gradients gradients = scope.tape()
                    .backward(loss(scope, batch.rows(), batch.rows()).mean());
            return GradientClip.notFinite(model.parameters(), gradients, result.norm());
        }
    }

    /** Lets steps change the weights again after one that was not finite. */
    void reset() {
        memory.reset();
    }

    /** Computes forward and backward of the first rows of a batch and forgets the result. */
    void rehearse(Batch batch, int rows) {
        memory.write(batch.numbers());
        try (Scope scope = Scope.recording(backend)) {
            scope.tape().backward(loss(scope, rows, rows).mean());
        }
        backend.synchronize();
    }

    @Override
    public void close() {
        recorder.close();
        memory.close();
        stepLoss.close();
        if (accumulation != null) {
            accumulation.close();
        }
    }
}
