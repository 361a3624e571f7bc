package ddpm.engine.nn;

import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/**
 * A learned tensor.
 *
 * @param name as in PyTorch's state_dict, such as {@code downs.0.attentions.1.out_proj.weight}
 * @param value in the engine's layout
 * @param layout how that differs from the file's
 */
public record Parameter(String name, Tensor value, Layout layout) {
    /** Extents in a file. */
    public Shape fileShape() {
        return layout.fileShape(value.shape());
    }
}
