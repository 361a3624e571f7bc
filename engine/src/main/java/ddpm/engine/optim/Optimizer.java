package ddpm.engine.optim;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.io.TensorSource;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What updates parameters by their gradients, and what it remembers from one update to the next. The numbers that change
 * from step to step come with each step, in {@link StepMemory}, so that a device can record the update once and replay it.
 */
public sealed interface Optimizer extends AutoCloseable permits Adam, Sgd {
    /** Constants of an optimizer, and what follows from them. */
    sealed interface Config permits AdamConfig, SgdConfig {
        /** An optimizer for the parameters that there are now, with nothing to remember yet. */
        Optimizer of(Parameters parameters);

        /**
         * The numbers of one update.
         *
         * @param step from 0: the update is number step + 1
         * @param slot place of the results
         * @param lr learning rate
         * @param emaRest of each average, see {@link Ema#rest}
         */
        UpdateNumbers numbers(int step, int slot, double lr, float... emaRest);
    }

    /**
     * Updates every parameter by its gradient, with the numbers and the gradients' scale of {@code memory}.
     *
     * @throws ddpm.engine.tensor.TensorException when one has none
     */
    void step(Gradients gradients, StepMemory memory);

    /** What it remembers, by PyTorch's name for it, {@code /} and the parameter's, in the file's layout. */
    default Map<String, HostTensor> toHost() {
        Map<String, HostTensor> host = new LinkedHashMap<>();
        sources().forEach((name, source) -> host.put(name, source.values().get().copy()));
        return host;
    }

    /** As {@link #toHost}, each fetched from the device when it is asked for. */
    Map<String, TensorSource> sources();

    /** Continues where the optimizer that gave {@link #toHost} stood. @param from by name; other names are left to others */
    void load(Map<String, HostTensor> from);

    /** Gives the memory of what it remembers back. */
    @Override
    void close();
}
