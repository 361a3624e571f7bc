package ddpm.engine.autograd;

import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Gradients on their way back, one per tensor. The only place where gradients are added; operations overwrite. A
 * gradient may serve several tensors at once (both sides of a residual, or both shapes of one that is reshaped), so each counts
 * its holders and is written over only while it has one.
 */
public final class Gradients {
    private final Scope scope;
    private final Map<Tensor, Tensor> byTensor = new IdentityHashMap<>();
    private final Map<Tensor, Integer> holders = new IdentityHashMap<>();

    Gradients(Scope scope) {
        this.scope = scope;
    }

    /** Whether a gradient of {@code x} is needed at all. */
    public boolean wants(Tensor x) {
        return x.requiresGrad();
    }

    /** Uninitialised memory for the gradient of {@code x}; pass it to {@link #add} once computed. */
    public Tensor like(Tensor x) {
        return scope.empty(x.shape());
    }

    /** As {@link #like}, stored as {@code x} is: for a value that has one reader, since such gradients are not added. */
    public Tensor storedLike(Tensor x) {
        return scope.allocate(x.shape(), x.dtype(), false);
    }

    /** Adds a gradient that nobody else holds; it belongs to this object afterwards. */
    public void add(Tensor x, Tensor grad) {
        holders.put(grad, 0);
        share(x, grad);
        if (holders.getOrDefault(grad, 0) == 0) {
            drop(grad);
        }
    }

    /** Adds a gradient that others hold too: the backward of a sum passes dy on as it is. */
    public void share(Tensor x, Tensor grad) {
        if (!wants(x)) {
            return;
        }
        Tensor key = x.origin();
        Tensor have = byTensor.get(key);
        if (have == null) {
            holders.merge(grad, 1, Integer::sum);
            byTensor.put(key, grad);
            return;
        }
        if (have.dtype() != DType.F32) {
            throw new TensorException("backward: " + x.shape() + " stored in " + have.dtype()
                    + " was read by two operations, and its gradients are not added; store it in F32");
        }
        if (holders.get(have) == 1 && !have.sharesMemory()) {
            sum(have, grad, have);
            return;
        }
        Tensor total = scope.empty(have.shape());
        sum(have, grad, total);
        holders.merge(have, -1, Integer::sum);
        holders.put(total, 1);
        byTensor.put(key, total);
    }

    /**
     * The gradient of a leaf after {@link Tape#backward}.
     *
     * @throws TensorException when nothing on the tape led to it
     */
    public Tensor of(Tensor leaf) {
        Tensor g = byTensor.get(leaf.origin());
        if (g == null) {
            throw new TensorException("no gradient for tensor " + leaf.shape()
                    + ": it does not require one or the loss does not depend on it");
        }
        return g;
    }

    /** As {@link #of}, null where there is none. */
    public Tensor find(Tensor leaf) {
        return byTensor.get(leaf.origin());
    }

    /** Removes the gradient of a result; the tape holds it until {@link #giveBack}. */
    Tensor take(Tensor result) {
        return byTensor.remove(result.origin());
    }

    void giveBack(Tensor grad) {
        if (holders.merge(grad, -1, Integer::sum) == 0) {
            drop(grad);
        }
    }

    private void drop(Tensor grad) {
        holders.remove(grad);
        scope.release(grad, "its gradient was passed on");
    }

    private void sum(Tensor a, Tensor b, Tensor y) {
        scope.backend().elementwise().add(a.count(), a.buffer(), b.buffer(), y.buffer());
    }
}
