package ddpm.train;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** Loss and gradients of a batch that is computed in parts, summed up; always at the same place. */
final class Accumulation implements AutoCloseable {
    private final Backend backend;
    private final List<Tensor> parameters;
    private final Scope scope;
    private final List<Tensor> gradients;
    private final Tensor loss;

    Accumulation(Parameters parameters) {
        this.backend = parameters.backend();
        this.parameters = parameters.tensors();
        this.scope = Scope.on(backend);
        this.gradients = parameters.zeros(scope);
        this.loss = scope.zeros(Shape.of());
    }

    /** Adds a part's. @param first whether it replaces what was there */
    void add(boolean first, Gradients ofPart, Tensor lossOfPart) {
        for (int i = 0; i < gradients.size(); i++) {
            add(first, ofPart.of(parameters.get(i)), gradients.get(i));
        }
        add(first, lossOfPart, loss);
    }

    private void add(boolean first, Tensor part, Tensor sum) {
        if (first) {
            backend.memory().copy(sum.count() * sum.dtype().bytes(), part.buffer(), sum.buffer());
        } else {
            backend.elementwise().add(sum.count(), sum.buffer(), part.buffer(), sum.buffer());
        }
    }

    /** One for each parameter, in their order. */
    List<Tensor> gradients() {
        return gradients;
    }

    Tensor loss() {
        return loss;
    }

    @Override
    public void close() {
        scope.close();
    }
}
