package ddpm.engine.nn;

import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/** One row of a table for each label, zeros for a label of -1: I32 [N] to [N,dim], as torch.nn.Embedding. */
public final class Embedding {
    /** Of the rows at the start: small beside what they are added to, so that a network begins without classes. */
    private static final double BOUND = 0.02 * Math.sqrt(3); // a uniform distribution of standard deviation 0.02

    private final Tensor weight;

    /** Creates {@code name.weight} [classes,dim], uniform of standard deviation 0.02. */
    public Embedding(Parameters p, String name, int classes, int dim) {
        this.weight = p.create(name + ".weight", Shape.of(classes, dim), Init.uniform(BOUND));
    }

    /** @param label I32 [N], from 0 to classes - 1, or -1 */
    public Tensor forward(Tensor label) {
        return label.embedding(weight);
    }
}
