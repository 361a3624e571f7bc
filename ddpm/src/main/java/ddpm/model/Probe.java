package ddpm.model;

import ddpm.engine.tensor.Tensor;

/** Looks at what the modules of a network return, under the names they have in its state_dict. */
@FunctionalInterface
public interface Probe {
    /** Looks at nothing. */
    Probe NONE = (module, value) -> {};

    /**
     * The forward pass has come by.
     *
     * @param module such as {@code conv_in}, {@code downs.0}, {@code mid_block}
     * @param value its result; may end after this call
     */
    void see(String module, Tensor value);
}
