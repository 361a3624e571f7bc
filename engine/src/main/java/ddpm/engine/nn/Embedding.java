package ddpm.engine.nn;

import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/** One row of a table for each label, zeros for a label of -1: I32 [N] to [N,dim], as torch.nn.Embedding. */
public final class Embedding {
    /**
     * Of the rows at the start: a uniform distribution of standard deviation 1, the one that torch.nn.Embedding's normal one has. The
     * rows are apart from the first step on; with 0.02 a network of 2,000 steps hardly knew its classes
     * (docs/decisions/0026-labels.md).
     */
    private static final double BOUND = Math.sqrt(3);

    private final Tensor weight;

    /** Creates {@code name.weight} [classes,dim], uniform of standard deviation 1. */
    public Embedding(Parameters p, String name, int classes, int dim) {
        this.weight = p.create(name + ".weight", Shape.of(classes, dim), Init.uniform(BOUND));
    }

    /** @param label I32 [N], from 0 to classes - 1, or -1 */
    public Tensor forward(Tensor label) {
        return label.embedding(weight);
    }
}
