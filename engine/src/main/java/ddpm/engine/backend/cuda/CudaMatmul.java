package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Linear;
import ddpm.engine.backend.Matmul;
import ddpm.engine.backend.MatmulOps;
import ddpm.engine.backend.Precision;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasOperation;

/**
 * Matrix products by cuBLAS. It reads matrices column by column, ours lie row by row: the memory of our y[M,N] is its
 * y^T[N,M], so it is asked for op(b)^T * op(a)^T, without moving anything.
 *
 * <p>In bf16 our kernel rounds the operands; cuBLAS sums and gives its result in fp32.
 */
final class CudaMatmul implements MatmulOps {
    private static final int R_32F = 0; // cudaDataType
    private static final int R_16BF = 14;
    private static final int DEFAULT_ALGORITHM = -1;

    private final CudaHandles handles;
    private final CudaMemory memory;
    private final BiasKernels bias;
    private final Precision precision;

    CudaMatmul(CudaHandles handles, CudaMemory memory, BiasKernels bias, Precision precision) {
        this.handles = handles;
        this.memory = memory;
        this.bias = bias;
        this.precision = precision;
    }

    @Override
    public void matmul(Matmul g, Buffer a, Buffer b, Buffer y) {
        if (precision != Precision.BF16) {
            multiply(g, R_32F, a, b, y);
            return;
        }
        try (Scratch scratch = new Scratch(memory)) {
            multiply(g, R_16BF, rounded(g.m() * g.k(), a, scratch), rounded(g.k() * g.n(), b, scratch), y);
        }
    }

    @Override
    public void linear(Linear g, Buffer x, Buffer w, Buffer b, Buffer y) {
        matmul(new Matmul(g.rows(), g.in(), g.out(), false, true), x, w, y);
        bias.addBias(g.rows(), g.out(), y, b);
    }

    @Override
    public void linearBackward(Linear g, Buffer x, Buffer w, Buffer dy, Buffer dx, Buffer dw, Buffer db) {
        if (dw != null) {
            matmul(new Matmul(g.out(), g.rows(), g.in(), true, false), dy, x, dw);
        }
        if (db != null) {
            bias.sumRows(g.rows(), g.out(), dy, db);
        }
        if (dx != null) {
            matmul(new Matmul(g.rows(), g.out(), g.in(), false, false), dy, w, dx);
        }
    }

    private CudaBuffer rounded(long n, Buffer x, Scratch scratch) {
        CudaBuffer y = scratch.allocate(n * BiasKernels.BF16_BYTES);
        bias.toBf16(n, x, y);
        return y;
    }

    private void multiply(Matmul g, int type, Buffer a, Buffer b, Buffer y) {
        int m = Math.toIntExact(g.m());
        int n = Math.toIntExact(g.n());
        int k = Math.toIntExact(g.k());
        handles.device().began("cublasGemmEx", a.bytes() + b.bytes() + y.bytes());
        CublasStatus.check(
                JCublas2.cublasGemmEx_new(
                        handles.cublas(),
                        operation(g.transposeB()),
                        operation(g.transposeA()),
                        n,
                        m,
                        k,
                        CudaHandles.ONE,
                        ((CudaBuffer) b).pointer(),
                        type,
                        g.transposeB() ? k : n,
                        ((CudaBuffer) a).pointer(),
                        type,
                        g.transposeA() ? m : k,
                        CudaHandles.ZERO,
                        ((CudaBuffer) y).pointer(),
                        R_32F,
                        n,
                        precision == Precision.TF32
                                ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
                                : cublasComputeType.CUBLAS_COMPUTE_32F,
                        DEFAULT_ALGORITHM),
                () -> "matmul " + g + " in " + precision);
        handles.device().ended();
    }

    private static int operation(boolean transposed) {
        return transposed ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }
}
