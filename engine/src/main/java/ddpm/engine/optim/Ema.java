package ddpm.engine.optim;

import ddpm.engine.backend.Backend;
import ddpm.engine.io.TensorSource;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Exponential moving average of the parameters: average = d * average + (1 - d) * parameter after every step. It starts
 * as a copy of the parameters. Polyak &amp; Juditsky 1992; Ho et al. 2020, appendix B.
 *
 * <p>How d changes with the number of updates is a {@link Decay}.
 */
public final class Ema implements AutoCloseable {
    /** d of each update. */
    @FunctionalInterface
    public interface Decay {
        /** d after so many earlier updates. */
        double at(long updates);

        /** The same d from the first update on, in [0,1). */
        static Decay constant(double decay) {
            return updates -> decay;
        }

        /**
         * min(decay, (1 + n) / (10 + n)) after n earlier updates, so that the first, bad parameters are soon forgotten (as
         * TensorFlow's ExponentialMovingAverage with num_updates).
         */
        static Decay warmedUp(double decay) {
            return updates -> Math.min(decay, (1.0 + updates) / (10.0 + updates));
        }

        /** Of an average whose width is a share of the training, see {@link PowerAverage}. */
        static Decay ofWidth(double std) {
            PowerAverage power = PowerAverage.ofStd(std);
            return updates -> power.beta(updates + 1.0, 1);
        }
    }

    private final Parameters parameters;
    private final int which;
    private final Decay decay;
    private final Scope scope;
    private final List<Tensor> averages;
    private boolean swapped;

    /** @param which of the averages this is: its rest is that of {@code UpdateNumbers.emaRest} */
    public Ema(Parameters parameters, int which, Decay decay) {
        this.parameters = parameters;
        this.which = which;
        this.decay = decay;
        this.scope = Scope.on(parameters.backend());
        this.averages = parameters.copies(scope);
    }

    /** Takes the parameters as they are now into the average, with the numbers of {@code memory}. */
    public void update(StepMemory memory) {
        requireNotSwapped("update");
        List<Tensor> values = parameters.tensors();
        scope.backend()
                .optimizer()
                .ema(
                        which,
                        memory.update().buffer(),
                        memory.state().buffer(),
                        values.stream().map(Tensor::count).toList(),
                        values.stream().map(Tensor::buffer).toList(),
                        averages.stream().map(Tensor::buffer).toList());
    }

    /** 1 - d after {@code updates} earlier updates. */
    public float rest(long updates) {
        return (float) (1 - decay.at(updates));
    }

    /**
     * What {@code body} returns while the model's parameters have the values of the average; afterwards they have their
     * own again, bit for bit, even if it throws.
     */
    public <T> T averaged(Supplier<T> body) {
        requireNotSwapped("averaged");
        swap();
        swapped = true;
        try {
            return body.get();
        } finally {
            swap();
            swapped = false;
        }
    }

    private void swap() {
        Backend backend = scope.backend();
        List<Tensor> values = parameters.tensors();
        for (int i = 0; i < values.size(); i++) {
            Tensor p = values.get(i);
            Tensor average = averages.get(i);
            long bytes = p.count() * p.dtype().bytes();
            try (Scope room = Scope.on(backend)) {
                Tensor kept = room.empty(p.shape());
                backend.memory().copy(bytes, p.buffer(), kept.buffer());
                backend.memory().copy(bytes, average.buffer(), p.buffer());
                backend.memory().copy(bytes, kept.buffer(), average.buffer());
            }
        }
    }

    /** The averages under the parameters' names, in the file's layout. */
    public Map<String, HostTensor> toHost() {
        requireNotSwapped("toHost");
        return parameters.toHost(averages);
    }

    /** As {@link #toHost}, each fetched from the device when it is asked for. */
    public Map<String, TensorSource> sources() {
        requireNotSwapped("sources");
        return parameters.sources(averages);
    }

    /** Continues where the average that gave {@link #toHost} stood. */
    public void load(Map<String, HostTensor> from) {
        requireNotSwapped("load");
        parameters.fromHost(from, averages);
    }

    private void requireNotSwapped(String method) {
        if (swapped) {
            throw new IllegalStateException(
                    "ema: " + method + " inside averaged(): the parameters hold the average there");
        }
    }

    /** Gives the averages' memory back. */
    @Override
    public void close() {
        scope.close();
    }
}
