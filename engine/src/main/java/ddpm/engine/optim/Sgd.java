package ddpm.engine.optim;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.OptimizerOps.SgdSlot;
import ddpm.engine.io.TensorSource;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Gradient descent with momentum, as torch.optim.SGD without dampening. Sutskever et al. 2013, section 2.
 *
 * <pre>
 * d = scale * grad + weightDecay * p    velocity = momentum * velocity + d
 * p = p - lr * velocity                 Nesterov's: p = p - lr * (d + momentum * velocity)
 * </pre>
 *
 * The learning rate comes with each step ({@link SgdConfig#numbers}); only the velocities are kept here. The scale is that of
 * {@link GradientClip}.
 */
public final class Sgd implements Optimizer {
    private static final String VELOCITY = "momentum_buffer/";

    private final Parameters parameters;
    private final SgdConfig config;
    private final Predicate<Parameter> decays;
    private final Scope scope;
    private final List<Tensor> velocities;

    /** All parameters decay, where there is a weight decay. */
    public Sgd(Parameters parameters, SgdConfig config) {
        this(parameters, config, p -> true);
    }

    /** @param decays which parameters the weight decay is for */
    public Sgd(Parameters parameters, SgdConfig config, Predicate<Parameter> decays) {
        this.parameters = parameters;
        this.config = config;
        this.decays = decays;
        this.scope = Scope.on(parameters.backend());
        this.velocities = parameters.zeros(scope);
    }

    @Override
    public void step(Gradients gradients, StepMemory memory) {
        step(parameters.tensors().stream().map(gradients::of).toList(), memory);
    }

    /** As {@link #step(Gradients, StepMemory)}. @param gradients one per parameter, in their order */
    public void step(List<Tensor> gradients, StepMemory memory) {
        List<SgdSlot> decaying = new ArrayList<>();
        List<SgdSlot> others = new ArrayList<>();
        List<Parameter> all = parameters.list();
        for (int i = 0; i < all.size(); i++) {
            Tensor p = all.get(i).value();
            (decays.test(all.get(i)) ? decaying : others)
                    .add(new SgdSlot(
                            p.count(),
                            p.buffer(),
                            gradients.get(i).buffer(),
                            velocities.get(i).buffer()));
        }
        update(true, decaying, memory);
        update(false, others, memory);
    }

    private void update(boolean decay, List<SgdSlot> slots, StepMemory memory) {
        if (!slots.isEmpty()) {
            scope.backend()
                    .optimizer()
                    .sgd(
                            config.step(decay),
                            memory.update().buffer(),
                            memory.state().buffer(),
                            slots);
        }
    }

    /** The velocities under {@code momentum_buffer/NAME}, in the file's layout. */
    @Override
    public Map<String, TensorSource> sources() {
        Map<String, TensorSource> sources = new LinkedHashMap<>();
        parameters.sources(velocities).forEach((name, t) -> sources.put(VELOCITY + name, t));
        return sources;
    }

    @Override
    public void load(Map<String, HostTensor> from) {
        parameters.fromHost(Adam.below(VELOCITY, from), velocities);
    }

    @Override
    public void close() {
        scope.close();
    }
}
