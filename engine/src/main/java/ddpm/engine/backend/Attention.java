package ddpm.engine.backend;

/**
 * Geometry of multi-head self-attention on packed [N,T,3C] = queries, keys, values, each C = heads * headDim wide.
 *
 * @param n images
 * @param tokens T
 * @param heads number of heads
 * @param headDim width of one head
 * @param stored how qkv and y are stored: FP32, or the backend's {@link Backend#operands}
 */
public record Attention(long n, long tokens, long heads, long headDim, Precision stored) {
    /** One of FP32. */
    public Attention(long n, long tokens, long heads, long headDim) {
        this(n, tokens, heads, headDim, Precision.FP32);
    }

    public long width() {
        return heads * headDim;
    }
}
