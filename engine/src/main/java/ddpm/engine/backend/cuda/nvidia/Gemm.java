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
        Columns c = Columns.of(g);
        began(name, a, b, y);
        CublasStatus.check(
                JCublas2.cublasGemmEx_new(
                        handles.cublas(),
                        operation(g.transposeB()),
                        operation(g.transposeA()),
                        c.n(),
                        c.m(),
                        c.k(),
                        CudaHandles.ONE,
                        b.pointer(),
                        b.type(),
                        c.ofB(),
                        a.pointer(),
                        a.type(),
                        c.ofA(),
                        add ? CudaHandles.ONE : CudaHandles.ZERO,
                        y.pointer(),
                        y.type(),
                        c.n(),
                        compute(tf32),
                        DEFAULT_ALGORITHM),
                () -> "product " + g);
        handles.device().ended();
    }

    /** y = op(a) * op(b) for each of {@code batch} matrices without gaps between them. Sums are fp32. */
    public void multiplyEach(long batch, Matmul g, boolean tf32, Matrix a, Matrix b, Matrix y) {
        String name = "cublasGemmStridedBatchedEx";
        Columns c = Columns.of(g);
        began(name, a, b, y);
        CublasStatus.check(
                JCublas2.cublasGemmStridedBatchedEx_new(
                        handles.cublas(),
                        operation(g.transposeB()),
                        operation(g.transposeA()),
                        c.n(),
                        c.m(),
                        c.k(),
                        CudaHandles.ONE,
                        b.pointer(),
                        b.type(),
                        c.ofB(),
                        g.k() * g.n(),
                        a.pointer(),
                        a.type(),
                        c.ofA(),
                        g.m() * g.k(),
                        CudaHandles.ZERO,
                        y.pointer(),
                        y.type(),
                        c.n(),
                        g.m() * g.n(),
                        Math.toIntExact(batch),
                        compute(tf32),
                        DEFAULT_ALGORITHM),
                () -> batch + " products " + g);
        handles.device().ended();
    }

    /** Extents for cuBLAS, and how far apart rows of a and b lie, which it calls columns. */
    private record Columns(int m, int k, int n, int ofA, int ofB) {
        static Columns of(Matmul g) {
            int m = Math.toIntExact(g.m());
            int k = Math.toIntExact(g.k());
            int n = Math.toIntExact(g.n());
            return new Columns(m, k, n, g.transposeA() ? m : k, g.transposeB() ? k : n);
        }
    }

    private void began(String name, Matrix a, Matrix b, Matrix y) {
        handles.device()
                .began(
                        name,
                        a.buffer().bytes() + b.buffer().bytes() + y.buffer().bytes());
    }

    private static int compute(boolean tf32) {
        return tf32 ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32 : cublasComputeType.CUBLAS_COMPUTE_32F;
    }

    private static int operation(boolean transposed) {
        return transposed ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }
}
