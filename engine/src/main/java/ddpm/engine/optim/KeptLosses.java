package ddpm.engine.optim;

import ddpm.engine.backend.Backend;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/**
 * What each image of the last steps cost, and the row of the table that was drawn for it: a ring beside that of {@link StepMemory},
 * for whoever wants to know once several steps are done.
 */
public final class KeptLosses implements AutoCloseable {
    private final Scope scope;
    private final int whole;
    private final Tensor kept;

    /** @param slots as of {@link StepMemory#slots} @param whole images of a whole batch, at most */
    public KeptLosses(Backend backend, int slots, int whole) {
        this.scope = Scope.on(backend);
        this.whole = whole;
        this.kept = scope.zeros(Shape.of(slots, whole, 2));
    }

    /**
     * Keeps those of a batch, or of a part of one, at the place that the numbers in {@code memory} name.
     *
     * @param row I32 [N]
     * @param losses F32 [N]
     */
    public void keep(StepMemory memory, Tensor row, Tensor losses) {
        scope.backend()
                .loss()
                .keep(
                        losses.count(),
                        whole,
                        memory.batch().buffer(),
                        memory.update().buffer(),
                        row.buffer(),
                        losses.buffer(),
                        kept.buffer());
    }

    /**
     * Takes one image after the other.
     */
    public interface Sink {
        void take(int row, float loss);
    }

    /** Waits for the steps asked for and copies all that is kept to the host. */
    public Read read() {
        return new Read(kept.toFloats(), whole);
    }

    /** A copy of what was kept. */
    public record Read(float[] values, int whole) {
        /** Gives the first {@code count} images of the step in a slot, in their order. */
        public void each(int slot, int count, Sink sink) {
            for (int i = 0; i < count; i++) {
                int at = 2 * (slot * whole + i);
                sink.take((int) values[at], values[at + 1]);
            }
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
