package ddpm.bench;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.OptimizerOps;
import ddpm.engine.backend.OptimizerOps.AdamStep;
import ddpm.engine.backend.OptimizerOps.ClipStep;
import ddpm.engine.backend.OptimizerOps.Slot;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.nn.Parameters;
import ddpm.engine.optim.AdamConfig;
import ddpm.engine.tensor.Tensor;
import ddpm.model.Model;
import ddpm.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** What follows the backward pass: the gradients' norm, Adam and the average, on all parameters of a preset. */
public class UpdateBench extends OpBench {
    private static final float EMA_REST = 0.001f;
    private static final double LR = 1e-4;

    @Param({"mnist", "quick"})
    String preset;

    private final AdamConfig config = AdamConfig.adam();
    private final AdamStep adam = new AdamStep(config.beta1(), config.beta2(), config.eps(), 0, true);
    private final ClipStep clip = new ClipStep(0);
    private final UpdateNumbers now = config.numbers(0, 0, LR, EMA_REST);
    private OptimizerOps ops;
    private Buffer numbers;
    private Buffer state;
    private Buffer loss;
    private Buffer results;
    private List<Long> n;
    private List<Slot> slots;
    private List<Buffer> grads;
    private List<Buffer> parameters;
    private List<Buffer> averages;
    private double elements;

    @Override
    void prepare(Operands operands) {
        ops = operands.backend().optimizer();
        numbers = operands.of(now.toWords());
        state = operands.of(new float[] {0, 1, 1, 0});
        loss = operands.of(new float[] {1});
        results = operands.empty(2);
        ModelConfig shape = Workload.of(preset, 1, precision, device).config().model();
        try (Model model = shape.create(Parameters.toLoad(operands.backend()))) {
            n = model.parameters().tensors().stream().map(Tensor::count).toList();
        }
        elements = n.stream().mapToDouble(Long::doubleValue).sum();
        slots = n.stream()
                .map(k -> new Slot(k, operands.random(k), operands.random(k), operands.zeros(k), operands.zeros(k)))
                .toList();
        grads = slots.stream().map(Slot::grad).toList();
        parameters = slots.stream().map(Slot::p).toList();
        averages = new ArrayList<>();
        n.forEach(k -> averages.add(operands.random(k)));
    }

    /** The norm of all gradients, and the first parameter and average from the formulas. */
    @Override
    void check(Operands operands) {
        double squares = 0;
        for (Slot s : slots) {
            squares += operands.dot(s.grad(), s.grad(), s.n());
        }
        double p = operands.values(parameters.get(0), 1)[0];
        double g = operands.values(grads.get(0), 1)[0];
        double average = operands.values(averages.get(0), 1)[0];
        ops.clip(clip, numbers, loss, n, grads, state, results);
        operands.requireClose("clip", Math.sqrt(squares), operands.values(results, 2)[1], Math.sqrt(squares));
        ops.adam(adam, numbers, state, slots);
        double m = (1 - config.beta1()) * g;
        double v = (1 - config.beta2()) * g * g;
        double step = now.stepSize() * m / (Math.sqrt(v) * now.rootScale() + config.eps());
        double moved = operands.values(parameters.get(0), 1)[0];
        operands.requireClose("adam", step, p - moved, 100 * LR); // the difference rounds p
        ops.ema(0, numbers, state, n, parameters, averages);
        double want = (moved - average) * EMA_REST;
        operands.requireClose("ema", want, operands.values(averages.get(0), 1)[0] - average, 100 * EMA_REST);
    }

    /** Reads the gradients. */
    @Benchmark
    public void clip(Timing timing) {
        time(timing, 0, 4 * elements, () -> ops.clip(clip, numbers, loss, n, grads, state, results));
    }

    /** Reads parameter, gradient and both means, writes all but the gradient. */
    @Benchmark
    public void adam(Timing timing) {
        time(timing, 0, 28 * elements, () -> ops.adam(adam, numbers, state, slots));
    }

    /** Reads parameter and average, writes the average. */
    @Benchmark
    public void ema(Timing timing) {
        time(timing, 0, 12 * elements, () -> ops.ema(0, numbers, state, n, parameters, averages));
    }
}
