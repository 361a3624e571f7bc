package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Precision;

/** What cuDNN multiplies, and with which units. Sums are fp32 in each case. */
enum ConvOperands {
    /** Floats as they are, by the GPU's ordinary multipliers. */
    FP32,
    /** Floats, which the tensor cores round to TF32. */
    TF32,
    /** Tensors in bf16 on tensor cores; cuDNN gives its result in bf16 too. */
    BF16,
    /**
     * Floats that we rounded to bf16 before: the products of {@link #BF16} where cuDNN has no way to do it for the shape
     * (channels that are no multiple of 8). The tensor cores' rounding to TF32 leaves such numbers alone.
     */
    ROUNDED;

    /** What to try for a precision, the best first. */
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
}
