package ddpm.engine.backend;

/** Matrix products, alone and as linear layers. */
public interface MatmulOps {
    /** y = op(a) * op(b). @param y out, [M,N] */
    void matmul(Matmul g, Buffer a, Buffer b, Buffer y);

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
}
