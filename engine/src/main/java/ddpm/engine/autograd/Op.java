package ddpm.engine.autograd;

import ddpm.engine.tensor.Tensor;
import java.util.List;

/** One recorded operation: a record whose components are exactly what stays alive until its backward. */
public interface Op {
    /**
     * Computes the gradients of the inputs that want one and hands them over.
     *
     * @param dy gradient of the result; belongs to the tape
     */
    void backward(Tensor dy, Gradients into);

    /**
     * The inputs and results whose values {@link #backward} reads, here or in the backend. The memory of others may be gone
     * by then: a forward discards what it needs no more.
     */
    List<Tensor> reads();

    /** Tensors the forward made for the backward alone; the tape releases them after {@link #backward}. */
    default List<Tensor> saved() {
        return List.of();
    }
}
