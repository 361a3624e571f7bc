package ddpm.engine.autograd;

import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The operations of one step in the order they ran. {@link #backward} walks them from the last to the first; each
 * result, and what its operation saved, is released as the walk passes it.
 */
public final class Tape {
    private record Node(Op op, Tensor result) {}

    private final Scope scope;
    private final List<Node> nodes = new ArrayList<>();
    private final Set<Tensor> read = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean done;

    public Tape(Scope scope) {
        this.scope = scope;
    }

    /** Remembers an operation whose result requires a gradient; releases what it saved where none is required. */
    public static Tensor record(Op op, Tensor result) {
        Tape tape = result.scope().tape();
        if (tape != null && result.requiresGrad()) {
            tape.append(op, result);
        } else {
            op.saved().forEach(Tensor::release);
        }
        return result;
    }

    private void append(Op op, Tensor result) {
        if (done) {
            throw new TensorException("the tape has run backward: open a new Scope.recording for the next step");
        }
        nodes.add(new Node(op, result));
        op.reads().forEach(t -> read.add(t.origin()));
    }

    /** Whether {@link #backward} will read the value of {@code x}. */
    public boolean reads(Tensor x) {
        return read.contains(x.origin());
    }

    /**
     * Gradients of {@code loss} with respect to every leaf it depends on.
     *
     * @param loss one element, made in this tape's scope
     * @throws TensorException when the loss is another tape's, and on a second call: the activations are gone
     */
    public Gradients backward(Tensor loss) {
        if (loss.count() != 1) {
            throw new TensorException(
                    "backward: needs a loss with one element, got " + loss.shape() + "; take its mean()");
        }
        if (!loss.requiresGrad()) {
            throw new TensorException("backward: the loss depends on no tensor that requires a gradient");
        }
        if (loss.scope() != scope) {
            throw new TensorException(
                    "backward: the loss was made in another scope; call backward on that scope's tape");
        }
        if (done) {
            throw new TensorException(
                    "backward: called twice on one tape, the activations are gone; run the forward again");
        }
        done = true;
        Gradients gradients = new Gradients(scope);
        gradients.add(loss, one(loss));
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.remove(i);
            Tensor dy = gradients.take(node.result());
            if (dy != null) {
                node.op().backward(dy, gradients);
                gradients.giveBack(dy);
            }
            node.op().saved().forEach(t -> scope.release(t, "released by backward"));
            if (node.result() != loss) {
                scope.release(node.result(), "released by backward; read it before");
            }
        }
        read.clear();
        return gradients;
    }

    /** The gradient of the loss itself. */
    private Tensor one(Tensor loss) {
        Tensor one = scope.empty(loss.shape());
        scope.backend().memory().fill(1, 1, one.buffer());
        return one;
    }
}
