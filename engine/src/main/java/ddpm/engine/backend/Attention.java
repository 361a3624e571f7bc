package ddpm.engine.backend;

/**
 * Geometry of multi-head self-attention on packed [N,T,3C] = queries, keys, values, each C = heads * headDim wide.
 *
 * @param n images
 * @param tokens T
 * @param heads number of heads
 * @param headDim width of one head
 */
public record Attention(long n, long tokens, long heads, long headDim) {
    public long width() {
        return heads * headDim;
    }
}
