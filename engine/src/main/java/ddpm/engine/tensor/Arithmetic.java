package ddpm.engine.tensor;

import ddpm.engine.backend.ElementwiseOps.Function;
import ddpm.engine.ops.DivOp;
import ddpm.engine.ops.FunctionOp;
import ddpm.engine.ops.MulOp;
import ddpm.engine.ops.SubOp;

/** The arithmetic of a {@link Tensor}: functions of each element, and of pairs of them, see {@link Tensor#add}. */
public sealed interface Arithmetic permits Tensor {
    private Tensor self() {
        return (Tensor) this;
    }

    default Tensor sub(Tensor other) {
        return SubOp.apply(self(), other);
    }

    /** The product of each pair of elements. */
    default Tensor mul(Tensor other) {
        return MulOp.apply(self(), other);
    }

    default Tensor div(Tensor other) {
        return DivOp.apply(self(), other);
    }

    default Tensor relu() {
        return FunctionOp.apply(Function.RELU, self());
    }

    default Tensor gelu() {
        return FunctionOp.apply(Function.GELU, self());
    }

    /** GELU with its tanh approximation, as transformers have it. */
    default Tensor geluTanh() {
        return FunctionOp.apply(Function.GELU_TANH, self());
    }

    default Tensor tanh() {
        return FunctionOp.apply(Function.TANH, self());
    }

    default Tensor sigmoid() {
        return FunctionOp.apply(Function.SIGMOID, self());
    }

    default Tensor exp() {
        return FunctionOp.apply(Function.EXP, self());
    }

    /** Natural logarithm; of a negative value NaN, of 0 -infinity. */
    default Tensor log() {
        return FunctionOp.apply(Function.LOG, self());
    }

    default Tensor sqrt() {
        return FunctionOp.apply(Function.SQRT, self());
    }
}
