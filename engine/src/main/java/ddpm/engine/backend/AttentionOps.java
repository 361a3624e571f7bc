package ddpm.engine.backend;

/** Multi-head softmax self-attention without a T x T matrix in memory. Vaswani et al. 2017, section 3.2. */
public interface AttentionOps {
    /** The widest head, headDim, that this backend computes: to be asked when a model is made, before anything is computed. */
    long widestHead();

    /** Elements the backend keeps between forward and backward besides qkv and y; may be 0. */
    long stateElements(Attention g);

    /**
     * y = softmax(q k^T / sqrt(headDim)) v for each image and head.
     *
     * @param g geometry
     * @param qkv in, [N,T,3C]
     * @param y out, [N,T,C]
     * @param state out, stateElements(g) floats for the backward; null where that is 0
     */
    void attention(Attention g, Buffer qkv, Buffer y, Buffer state);

    /** Gradient of {@link #attention}. @param dy in, [N,T,C], FP32 @param dqkv out, [N,T,3C], stored as qkv */
    void attentionBackward(Attention g, Buffer qkv, Buffer y, Buffer state, Buffer dy, Buffer dqkv);

    /**
     * Geometry of multi-head self-attention on packed [N,T,3C] = queries, keys, values, each C = heads * headDim wide.
     *
     * @param n images
     * @param tokens T
     * @param heads number of heads
     * @param headDim width of one head
     * @param stored how qkv and y are stored: FP32, or the backend's {@link Backend#operands}
     */
    record Attention(long n, long tokens, long heads, long headDim, Precision stored) {
        /** One of FP32. */
        public Attention(long n, long tokens, long heads, long headDim) {
            this(n, tokens, heads, headDim, Precision.FP32);
        }

        public long width() {
            return heads * headDim;
        }
    }
}
