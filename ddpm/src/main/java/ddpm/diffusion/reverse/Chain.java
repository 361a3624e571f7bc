package ddpm.diffusion.reverse;

import ddpm.diffusion.Denoiser;
import ddpm.diffusion.solver.Plan;
import ddpm.diffusion.solver.Stage;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.Recorder;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.ops.Reverse;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.Arrays;

/** The memory of one chain of stages, always at the same place, and the stages that are recorded on it. */
final class Chain implements AutoCloseable {
    private final ReverseProcess process;
    private final Nhwc g;
    private final int slotCount;
    private final boolean scaled;
    private final Tensor next;
    private final Scope scope;
    private final Tensor x;
    private final Tensor x0;
    private final Tensor time;
    private final Tensor numbers;
    private final Tensor slots; // null where the plan needs none
    private final Tensor limit;
    private final Recorder recorder;

    /** @param next the first x; each stage reads it and writes its result over it */
    Chain(ReverseProcess process, Tensor next) {
        this.process = process;
        this.g = next.nhwc("reverseProcess");
        this.next = next;
        Plan plan = process.plan();
        this.slotCount = plan.slots();
        this.scaled =
                plan.stages().stream().anyMatch(s -> s.evaluates() && s.level().input() != 1);
        Backend backend = next.backend();
        this.scope = Scope.on(backend);
        this.x = scope.empty(next.shape());
        this.x0 = scope.empty(next.shape());
        this.time = scope.empty(Shape.of(g.n()));
        this.numbers = scope.allocate(Shape.of(ReverseStep.WORDS), DType.I32, false);
        this.slots = slotCount == 0 ? null : scope.empty(Shape.of(slotCount, g.n(), g.h(), g.w(), g.c()));
        this.limit = scope.empty(Shape.of(g.n()));
        this.recorder = backend.recorder();
    }

    void step(Stage stage, long firstImage) {
        MemoryOps memory = scope.backend().memory();
        float[] times = new float[Math.toIntExact(g.n())];
        Arrays.fill(times, (float) stage.level().time());
        memory.upload(times, time.buffer());
        memory.upload(stage.numbers(firstImage).toWords(), numbers.buffer());
        ReverseStep step = stage.step(g, process.seed(), slotCount);
        Denoiser asked = process.model().at(stage.level().t());
        recorder.run(new Key(step, asked), () -> {
            memory.copy(next.count() * next.dtype().bytes(), next.buffer(), x.buffer());
            try (Scope activations = Scope.on(scope.backend())) {
                Tensor f = stage.evaluates() ? ask(asked, activations) : x;
                if (step.clipping() == Clipping.THRESHOLD) {
                    Reverse.threshold(step, numbers, x, f, limit);
                }
                Reverse.into(step, numbers, x, f, slots, limit, new Reverse.Result(next, x0));
            }
        });
    }

    /** What tells recordings apart: the kind of step, and who is asked in it. */
    private record Key(ReverseStep step, Denoiser asked) {}

    private Tensor ask(Denoiser asked, Scope activations) {
        Tensor input = x.in(activations);
        if (scaled) {
            input = activations.empty(x.shape());
            Reverse.scale(numbers, x, input);
        }
        return asked.predict(input, time.in(activations), process.condition());
    }

    /** What the last stage started from. */
    Tensor x() {
        return x;
    }

    /** The last estimate of the images. */
    Tensor x0() {
        return x0;
    }

    @Override
    public void close() {
        recorder.close();
        scope.close();
    }
}
