package ddpm.train;

import ddpm.diffusion.NoiseSchedule;
import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.Recorder;
import ddpm.engine.backend.StepNumbers;
import ddpm.engine.ops.QSample;
import ddpm.engine.optim.Adam;
import ddpm.engine.optim.Ema;
import ddpm.engine.optim.GradientClip;
import ddpm.engine.optim.NotFiniteException;
import ddpm.engine.optim.StepMemory;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.model.UNet;
import java.util.List;

/**
 * The step of Ho et al. 2020, algorithm 1, as a device does it again and again: batch, noise, forward, backward, clipping,
 * Adam, average. Between the numbers that go in ({@link StepNumbers}) and the results that stay in a ring nothing passes
 * between host and device, so a device may record the step once and replay it, and run some steps ahead of the host.
 */
final class TrainingStep implements AutoCloseable {
    /** Steps asked for before the first result is read, where the device computes while the host goes on. */
    static final int AHEAD = 16;

    private final RunConfig config;
    private final Backend backend;
    private final Tensor images;
    private final Nhwc data;
    private final UNet model;
    private final Adam adam;
    private final Ema ema;
    private final Scope tables;
    private final QSample qSample;
    private final StepMemory memory;
    private final Recorder recorder;

    /** @param images U8 [images,H,W,C] */
    TrainingStep(RunConfig config, Tensor images, NoiseSchedule schedule, UNet model, Adam adam, Ema ema) {
        this.config = config;
        this.backend = images.backend();
        this.images = images;
        this.data = images.nhwc("training");
        this.model = model;
        this.adam = adam;
        this.ema = ema;
        this.tables = Scope.on(backend);
        this.qSample = schedule.qSample(tables);
        this.memory = new StepMemory(backend, backend.asynchronous() ? AHEAD : 1);
        this.recorder = backend.recorder();
    }

    /** How many steps may be asked for before {@link #results}. */
    int ahead() {
        return memory.slots();
    }

    /** Asks for a step; its result goes to the slot that {@code numbers} name. @param rows images of its batch */
    void ask(StepNumbers numbers, int rows) {
        memory.write(numbers);
        recorder.run(rows, () -> {
            try (Scope scope = Scope.recording(backend)) {
                Tensor loss = loss(scope, rows);
                Gradients gradients = scope.tape().backward(loss);
                GradientClip.measure(
                        model.parameters(), gradients, loss, config.train().clipGradNorm(), memory);
                adam.step(gradients, memory);
                ema.update(memory);
            }
        });
    }

    private Tensor loss(Scope scope, int rows) {
        NoiseAdd g = new NoiseAdd(
                new Nhwc(rows, data.h(), data.w(), data.c()),
                data.n(),
                config.seed(),
                config.data().flip(),
                config.train().stratifiedT(),
                config.diffusion().timesteps());
        QSample.Batch batch = qSample.batch(g, memory.numbers(), images.in(scope));
        return model.forward(batch.xt(), batch.t()).mse(batch.eps());
    }

    /** Waits for the steps asked for and gives what is in the first {@code count} slots. */
    List<StepMemory.Result> results(int count) {
        return memory.read(count);
    }

    /**
     * Why a step's result is not finite. It and those asked for after it have changed nothing, so it is computed once more,
     * this time to look at its gradients; afterwards steps change the weights again.
     */
    NotFiniteException failure(StepNumbers numbers, int rows, StepMemory.Result result) {
        memory.reset();
        if (!Float.isFinite(result.loss())) {
            return new NotFiniteException("the loss is " + result.loss()
                    + "; lower the learning rate (--lr), or clip the gradients (train.clip_grad_norm)");
        }
        memory.write(numbers);
        try (Scope scope = Scope.recording(backend)) {
            Gradients gradients = scope.tape().backward(loss(scope, rows));
            return GradientClip.notFinite(model.parameters(), gradients, result.norm());
        }
    }

    /** Lets steps change the weights again after one that was not finite. */
    void reset() {
        memory.reset();
    }

    /** Computes a step's forward and backward and forgets the result. */
    void rehearse(StepNumbers numbers, int rows) {
        memory.write(numbers);
        try (Scope scope = Scope.recording(backend)) {
            scope.tape().backward(loss(scope, rows));
        }
        backend.synchronize();
    }

    @Override
    public void close() {
        recorder.close();
        memory.close();
        tables.close();
    }
}
