package ddpm.engine.backend;

/** How matmuls and convolutions multiply; they always accumulate in fp32, and everything else is fp32. */
public enum Precision {
    /** 24-bit significands. */
    FP32,
    /** Operands rounded to 11 bits; NVIDIA tensor cores. */
    TF32,
    /** Operands rounded to 8 bits. */
    BF16;

    /** Unit roundoff of the operands. */
    public double unitRoundoff() {
        return switch (this) {
            case FP32 -> 0x1p-24;
            case TF32 -> 0x1p-11;
            case BF16 -> 0x1p-8;
        };
    }
}
