package ddpm.engine.backend.cuda.conv;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.kernel.BiasKernels;
import jcuda.jcudnn.cudnnMathType;

/** What is multiplied, and with which units. Sums are fp32 in each case. */
public enum ConvOperands {
    /** Floats as they are, by the GPU's ordinary multipliers. */
    FP32,
    /** Floats, which the tensor cores round to TF32. */
    TF32,
    /** Tensors in bf16 on tensor cores; cuDNN gives its result in bf16 too, and pads channels that are no multiple of 8. */
    BF16,
    /**
     * Floats that we rounded to bf16 before: the products of {@link #BF16} where there is no way to do it with tensors in
     * bf16. The tensor cores' rounding to TF32 leaves such numbers alone.
     */
    ROUNDED;

    /** What to try for a precision, the best first. Of the last one our own way makes use, too. */
    static ConvOperands[] of(Precision precision) {
        return switch (precision) {
            case FP32 -> new ConvOperands[] {FP32};
            case TF32 -> new ConvOperands[] {TF32};
            case BF16 -> new ConvOperands[] {BF16, ROUNDED};
        };
    }

    /** Bytes of an element. */
    int bytes() {
        return this == BF16 ? BiasKernels.BF16_BYTES : Float.BYTES;
    }

    /** cuDNN's number of the units that are asked for. */
    int mathType() {
        return this == FP32 ? cudnnMathType.CUDNN_FMA_MATH : cudnnMathType.CUDNN_TENSOR_OP_MATH;
    }

    /**
     * Whether an algorithm with this math type multiplies as said above. The default lets floats be rounded to TF32; allowed
     * conversions round them to fp16, which nobody asked for.
     */
    boolean allows(int mathType) {
        return mathType == mathType() || this != FP32 && mathType == cudnnMathType.CUDNN_DEFAULT_MATH;
    }
}
