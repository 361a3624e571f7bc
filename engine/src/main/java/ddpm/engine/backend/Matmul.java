package ddpm.engine.backend;

/**
 * Geometry of y[M,N] = op(a) * op(b).
 *
 * @param m rows of the result
 * @param k the summed extent
 * @param n columns of the result
 * @param transposeA a is stored [K,M]
 * @param transposeB b is stored [N,K]
 */
public record Matmul(long m, long k, long n, boolean transposeA, boolean transposeB) {}
