package ddpm.engine.optim;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.OptimizerOps.Slot;
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
 * Adam and AdamW, as torch.optim has them. Kingma &amp; Ba 2015, algorithm 1; Loshchilov &amp; Hutter 2019, algorithm 2.
 *
 * <pre>
 * Adam:  g = scale * grad + weightDecay * p          AdamW:  g = scale * grad, p = p - lr * weightDecay * p
 * m = beta1 * m + (1 - beta1) * g                        v = beta2 * v + (1 - beta2) * g^2
 * p = p - lr * (m / (1 - beta1^step)) / (sqrt(v / (1 - beta2^step)) + eps)
 * </pre>
 *
 * The number of the step and the learning rate come with each step ({@link AdamConfig#numbers}); only the moments are kept
 * here. The scale is that of {@link GradientClip}.
 */
public final class Adam implements Optimizer {
    private static final String MEAN = "exp_avg/";
    private static final String SQUARE = "exp_avg_sq/";

    private final Parameters parameters;
    private final AdamConfig config;
    private final Predicate<Parameter> decays;
    private final Scope scope;
    private final List<Tensor> means;
    private final List<Tensor> squares;

    /** All parameters decay, where there is a weight decay. */
    public Adam(Parameters parameters, AdamConfig config) {
        this(parameters, config, p -> true);
    }

    /** @param decays which parameters the weight decay is for */
    public Adam(Parameters parameters, AdamConfig config, Predicate<Parameter> decays) {
        this.parameters = parameters;
        this.config = config;
        this.decays = decays;
        this.scope = Scope.on(parameters.backend());
        this.means = parameters.zeros(scope);
        this.squares = parameters.zeros(scope);
    }

    @Override
    public void step(Gradients gradients, StepMemory memory) {
        step(parameters.tensors().stream().map(gradients::of).toList(), memory);
    }

    /** As {@link #step(Gradients, StepMemory)}. @param gradients one per parameter, in their order */
    public void step(List<Tensor> gradients, StepMemory memory) {
        List<Slot> decaying = new ArrayList<>();
        List<Slot> others = new ArrayList<>();
        List<Parameter> all = parameters.list();
        for (int i = 0; i < all.size(); i++) {
            Tensor p = all.get(i).value();
            (decays.test(all.get(i)) ? decaying : others)
                    .add(new Slot(
                            p.count(),
                            p.buffer(),
                            gradients.get(i).buffer(),
                            means.get(i).buffer(),
                            squares.get(i).buffer()));
        }
        update(true, decaying, memory);
        update(false, others, memory);
    }

    private void update(boolean decay, List<Slot> slots, StepMemory memory) {
        if (!slots.isEmpty()) {
            scope.backend()
                    .optimizer()
                    .adam(
                            config.step(decay),
                            memory.update().buffer(),
                            memory.state().buffer(),
                            slots);
        }
    }

    /** The moments under {@code exp_avg/NAME} and {@code exp_avg_sq/NAME}, in the file's layout. */
    @Override
    public Map<String, TensorSource> sources() {
        Map<String, TensorSource> sources = new LinkedHashMap<>();
        parameters.sources(means).forEach((name, t) -> sources.put(MEAN + name, t));
        parameters.sources(squares).forEach((name, t) -> sources.put(SQUARE + name, t));
        return sources;
    }

    @Override
    public void load(Map<String, HostTensor> from) {
        parameters.fromHost(below(MEAN, from), means);
        parameters.fromHost(below(SQUARE, from), squares);
    }

    /** Those of a prefix, by the names behind it. */
    static Map<String, HostTensor> below(String prefix, Map<String, HostTensor> all) {
        Map<String, HostTensor> some = new LinkedHashMap<>();
        all.forEach((name, t) -> {
            if (name.startsWith(prefix)) {
                some.put(name.substring(prefix.length()), t);
            }
        });
        return some;
    }

    @Override
    public void close() {
        scope.close();
    }
}
