package ddpm.diffusion.reverse;

import ddpm.diffusion.solver.Level;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;

/** What a drawing begins with, and what is done to x between its steps; by default noise and nothing. */
public interface Edit {
    /** Images number {@code first} and those that follow, as many as {@code extents} has. */
    record Batch(Scope scope, Nhwc extents, long first) {}

    /** Done to x after each step of the solver. */
    @FunctionalInterface
    interface Between {
        /**
         * Changes x in place.
         *
         * @param x [N,H,W,C]
         * @param reached its level
         * @param key of the stage that led to it, for noise
         */
        void change(Tensor x, Level reached, long key);
    }

    /** The first x of a batch, in its scope. */
    default Tensor start(ReverseProcess process, Batch batch) {
        return process.start(batch.scope(), batch.extents(), batch.first());
    }

    /** What is done between the steps of a batch; null for nothing. What it needs is made in the batch's scope. */
    default Between between(ReverseProcess process, Batch batch) {
        return null;
    }

    /** Images from noise. */
    static Edit none() {
        return new Edit() {};
    }
}
