package ddpm.engine.optim;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a training step has on the device besides weights and images, always at the same place: its numbers, the state of
 * the updates (see {@link ddpm.engine.backend.OptimizerOps#clip}), and a ring of results that are read once several steps
 * are done.
 */
public final class StepMemory implements AutoCloseable {
    /** The norm is not known yet, gradients are taken as they are, training may go on. */
    private static final float[] FRESH = {0, 1, 1, 0};

    /**
     * What a step left in its slot.
     *
     * @param norm global norm of the gradients before clipping
     */
    public record Result(float loss, float norm) {
        public boolean finite() {
            return Float.isFinite(loss) && Float.isFinite(norm);
        }
    }

    private final Scope scope;
    private final Tensor batch;
    private final Tensor update;
    private final Tensor state;
    private final Tensor results;

    /** @param slots steps whose results are kept at a time */
    public StepMemory(Backend backend, int slots) {
        this.scope = Scope.on(backend);
        this.batch = scope.allocate(Shape.of(BatchNumbers.WORDS), DType.I32, false);
        this.update = scope.allocate(Shape.of(UpdateNumbers.WORDS), DType.I32, false);
        this.state = scope.tensor(Shape.of(FRESH.length), FRESH);
        this.results = scope.zeros(Shape.of(slots, 2));
    }

    /** Sets the numbers of the next batch. Batches asked for before keep theirs. */
    public void write(BatchNumbers next) {
        scope.backend().memory().upload(next.toWords(), batch.buffer());
    }

    /** Sets the numbers of the next update. Updates asked for before keep theirs. */
    public void write(UpdateNumbers next) {
        scope.backend().memory().upload(next.toWords(), update.buffer());
    }

    /** Lets updates through again after a loss or a norm that was not finite. */
    public void reset() {
        scope.backend().memory().upload(FRESH, state.buffer());
    }

    /** {@link BatchNumbers}, I32 [4]. */
    public Tensor batch() {
        return batch;
    }

    /** {@link UpdateNumbers}, I32 [16]. */
    public Tensor update() {
        return update;
    }

    /** F32 [4]. */
    public Tensor state() {
        return state;
    }

    /** F32 [slots,2]: loss and norm. */
    public Tensor results() {
        return results;
    }

    public int slots() {
        return Math.toIntExact(results.shape().dim(0));
    }

    /** Waits for the steps asked for and reads the first {@code count} slots. */
    public List<Result> read(int count) {
        float[] all = results.toFloats();
        return IntStream.range(0, count)
                .mapToObj(i -> new Result(all[2 * i], all[2 * i + 1]))
                .toList();
    }

    @Override
    public void close() {
        scope.close();
    }
}
