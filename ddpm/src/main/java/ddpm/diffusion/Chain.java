package ddpm.diffusion;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.Recorder;
import ddpm.engine.backend.ReverseNumbers;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.ops.ReverseDiffusion;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.Arrays;

/** The memory of one chain of reverse steps, always at the same place, and the step that is recorded on it. */
final class Chain implements AutoCloseable {
    private final EpsModel model;
    private final long seed;
    private final Nhwc g;
    private final Tensor next;
    private final Scope scope;
    private final Tensor x;
    private final Tensor x0;
    private final Tensor t;
    private final Tensor numbers;
    private final Recorder recorder;

    /** @param next x_T; each step reads it and writes its result over it */
    Chain(EpsModel model, Tensor next, long seed) {
        this.model = model;
        this.seed = seed;
        this.g = next.nhwc("reverseProcess");
        this.next = next;
        Backend backend = next.backend();
        this.scope = Scope.on(backend);
        this.x = scope.empty(next.shape());
        this.x0 = scope.empty(next.shape());
        this.t = scope.allocate(Shape.of(g.n()), DType.I32, false);
        this.numbers = scope.allocate(Shape.of(ReverseNumbers.WORDS), DType.I32, false);
        this.recorder = backend.recorder();
    }

    void step(Update update, long firstImage) {
        MemoryOps memory = scope.backend().memory();
        int[] timesteps = new int[Math.toIntExact(g.n())];
        Arrays.fill(timesteps, update.t());
        memory.upload(timesteps, t.buffer());
        memory.upload(update.numbers(firstImage).toWords(), numbers.buffer());
        ReverseStep step = update.step(g, seed);
        recorder.run(step, () -> {
            memory.copy(next.count() * next.dtype().bytes(), next.buffer(), x.buffer());
            try (Scope activations = Scope.on(scope.backend())) {
                Tensor eps = model.predict(x.in(activations), t.in(activations));
                ReverseDiffusion.into(step, numbers, x, eps, new ReverseDiffusion.Result(next, x0));
            }
        });
    }

    /** What the last step started from. */
    Tensor x() {
        return x;
    }

    /** The last step's estimate of the images. */
    Tensor x0() {
        return x0;
    }

    @Override
    public void close() {
        recorder.close();
        scope.close();
    }
}
