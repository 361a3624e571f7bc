package ddpm.engine.optim;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import java.util.function.Function;

/**
 * Trains parameters, one step after the other; it counts them itself. The parameters are those that there are at its first
 * step. For programs that need neither recorded steps nor results read later; those have an {@link Optimizer} and {@link
 * StepMemory}.
 *
 * <pre>{@code
 * try (Learner learner = Learner.adam(parameters, 1e-3)) {
 *     for (int i = 0; i < steps; i++) {
 *         float loss = learner.step(scope -> net.forward(batch(scope, i)).mse(target(scope, i)));
 *     }
 * }
 * }</pre>
 */
public final class Learner implements AutoCloseable {
    private final Parameters parameters;
    private final Optimizer.Config config;
    private Optimizer optimizer; // made with the first step, when all parameters are there
    private final StepMemory memory;
    private double lr;
    private int steps;

    /** @param lr learning rate, see {@link #rate} */
    public Learner(Parameters parameters, Optimizer.Config config, double lr) {
        this.parameters = parameters;
        this.config = config;
        this.lr = lr;
        this.memory = new StepMemory(parameters.backend(), 1);
    }

    /** With Adam and PyTorch's constants. */
    public static Learner adam(Parameters parameters, double lr) {
        return new Learner(parameters, AdamConfig.adam(), lr);
    }

    /** With gradient descent. @param momentum 0 for none; 0.9 is usual */
    public static Learner sgd(Parameters parameters, double lr, double momentum) {
        return new Learner(parameters, SgdConfig.momentum(momentum), lr);
    }

    /** From the next step on. */
    public void rate(double other) {
        lr = other;
    }

    /** Steps done. */
    public int steps() {
        return steps;
    }

    /**
     * One step: computes a loss, its gradients, and updates the parameters.
     *
     * @param loss of one element, computed in the scope that it is given; all parameters must have a part in it
     * @return the loss, before the update
     * @throws NotFiniteException where it or a gradient is not finite; the parameters are as they were
     */
    public float step(Function<Scope, Tensor> loss) {
        if (optimizer == null) {
            optimizer = config.of(parameters);
        }
        memory.write(config.numbers(steps, 0, lr));
        memory.write(new BatchNumbers(0, 0, steps, 0)); // of which dropout takes the step
        try (Scope scope = Scope.training(parameters.backend(), memory.batch())) {
            Tensor of = loss.apply(scope);
            Gradients gradients = scope.tape().backward(of);
            GradientClip.measure(parameters, gradients, of, 0, memory);
            optimizer.step(gradients, memory);
            StepMemory.Result result = memory.read(1).get(0);
            if (!result.finite()) {
                memory.reset();
                throw Float.isFinite(result.loss())
                        ? GradientClip.notFinite(parameters, gradients, result.norm())
                        : new NotFiniteException("the loss is " + result.loss() + " at step " + (steps + 1)
                                + "; lower the learning rate, or look at the inputs");
            }
            steps++;
            return result.loss();
        }
    }

    /** Gives the optimizer's memory back; the parameters stay. */
    @Override
    public void close() {
        memory.close();
        if (optimizer != null) {
            optimizer.close();
        }
    }
}
