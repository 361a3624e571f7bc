package ddpm.engine.backend;

/** Matrix products. */
public interface MatmulOps {
    /** y = op(a) * op(b). @param y out, [M,N] */
    void matmul(Matmul g, Buffer a, Buffer b, Buffer y);

    /** y = op(a) * op(b) + bias in every row. @param bias in, [N] */
    void matmulBias(Matmul g, Buffer a, Buffer b, Buffer bias, Buffer y);

    /** y[j] = sum over rows of a[i,j]: the gradient of a bias. @param a in, [rows,columns] @param y out, [columns] */
    void sumRows(long rows, long columns, Buffer a, Buffer y);
}
