package ddpm.engine.backend;

/** Matrix products, alone and as linear layers. */
public interface MatmulOps {
    /** y = op(a) * op(b). @param y out, [M,N] */
    void matmul(Matmul g, Buffer a, Buffer b, Buffer y);

    /**
     * As {@link #matmul} for each of {@code batch} matrices, which lie one behind the other.
     *
     * @param g of one of them
     * @param a in, [batch,M,K], or [batch,K,M]
     * @param b in, [batch,K,N], or [batch,N,K]
     * @param y out, [batch,M,N]
     */
    void batchedMatmul(long batch, Matmul g, Buffer a, Buffer b, Buffer y);

    /** y = x w^T + b. @param x in, [rows,in] @param w in, [out,in] @param b in, [out] @param y out, [rows,out] */
    void linear(Linear g, Buffer x, Buffer w, Buffer b, Buffer y);

    /**
     * Gradients of {@link #linear}; each of the last three is null where it is not wanted.
     *
     * @param dy in, [rows,out], stored as y
     * @param dx out, [rows,in], FP32
     * @param dw out, [out,in]
     * @param db out, [out]
     */
    void linearBackward(Linear g, Buffer x, Buffer w, Buffer dy, Buffer dx, Buffer dw, Buffer db);

    /**
     * Geometry of a linear layer, y[rows,out] = x[rows,in] w[out,in]^T + b.
     *
     * @param rows of x and y: everything but the last extent
     * @param in the summed extent
     * @param out columns of y
     * @param x how x is stored: FP32, or the backend's {@link Backend#operands}
     * @param y how y and its gradient are stored: FP32, or as x
     */
    record Linear(long rows, long in, long out, Precision x, Precision y) {
        /** One of FP32 to FP32. */
        public Linear(long rows, long in, long out) {
            this(rows, in, out, Precision.FP32, Precision.FP32);
        }
    }

    /**
     * Geometry of y[M,N] = op(a) * op(b).
     *
     * @param m rows of the result
     * @param k the summed extent
     * @param n columns of the result
     * @param transposeA a is stored [K,M]
     * @param transposeB b is stored [N,K]
     */
    record Matmul(long m, long k, long n, boolean transposeA, boolean transposeB) {}
}
