package ddpm.engine.backend.cuda.nvidia;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasOperation;

/**
 * A matrix product by cuBLAS. It reads matrices column by column, ours lie row by row: the memory of our y[M,N] is its
 * y^T[N,M], so it is asked for op(b)^T * op(a)^T, without moving anything.
 */
public final class Gemm {
    private static final int R_32F = 0; // cudaDataType
    private static final int R_16BF = 14;
    private static final int DEFAULT_ALGORITHM = -1;

    /** A matrix without gaps between its rows, from so many bytes behind the buffer's start. */
    public record Matrix(CudaBuffer buffer, long offsetBytes, int type) {
        public static Matrix floats(Buffer buffer) {
            return floats(buffer, 0);
        }

        public static Matrix floats(Buffer buffer, long offsetBytes) {
            return new Matrix((CudaBuffer) buffer, offsetBytes, R_32F);
        }

        public static Matrix bf16(CudaBuffer buffer) {
            return new Matrix(buffer, 0, R_16BF);
        }

        private Pointer pointer() {
            return buffer.pointer().withByteOffset(offsetBytes);
        }
    }

    private final CudaHandles handles;

    public Gemm(CudaHandles handles) {
        this.handles = handles;
    }

    /**
     * y = op(a) * op(b), or y += that. Sums are fp32.
     *
     * @param name for a profile
     * @param tf32 whether floats are rounded to TF32, for tensor cores
     * @param y in floats
     * @param add to what y holds
     */
    public void multiply(String name, Matmul g, boolean tf32, Matrix a, Matrix b, Matrix y, boolean add) {
        int m = Math.toIntExact(g.m());
        int n = Math.toIntExact(g.n());
        int k = Math.toIntExact(g.k());
        handles.device()
                .began(
                        name,
                        a.buffer().bytes() + b.buffer().bytes() + y.buffer().bytes());
        CublasStatus.check(
                JCublas2.cublasGemmEx_new(
                        handles.cublas(),
                        operation(g.transposeB()),
                        operation(g.transposeA()),
                        n,
                        m,
                        k,
                        CudaHandles.ONE,
                        b.pointer(),
                        b.type(),
                        g.transposeB() ? k : n,
                        a.pointer(),
                        a.type(),
                        g.transposeA() ? m : k,
                        add ? CudaHandles.ONE : CudaHandles.ZERO,
                        y.pointer(),
                        y.type(),
                        n,
                        tf32 ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32 : cublasComputeType.CUBLAS_COMPUTE_32F,
                        DEFAULT_ALGORITHM),
                () -> "product " + g);
        handles.device().ended();
    }

    private static int operation(boolean transposed) {
        return transposed ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }
}
