package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.MatmulOps;
import ddpm.engine.backend.MatmulOps.Linear;
import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.kernel.BiasKernels;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.memory.Scratch;
import ddpm.engine.backend.cuda.nvidia.CudaHandles;
import ddpm.engine.backend.cuda.nvidia.Gemm;
import ddpm.engine.backend.cuda.nvidia.Gemm.Matrix;
import java.util.function.BiConsumer;

/** Matrix products by cuBLAS. In bf16 our kernel rounds the operands; cuBLAS sums and gives its result in fp32. */
final class CudaMatmul implements MatmulOps {
    private final Gemm gemm;
    private final CudaMemory memory;
    private final BiasKernels bias;
    private final Precision precision;

    CudaMatmul(CudaHandles handles, CudaMemory memory, BiasKernels bias, Precision precision) {
        this.gemm = new Gemm(handles);
        this.memory = memory;
        this.bias = bias;
        this.precision = precision;
    }

    @Override
    public void matmul(Matmul g, Buffer a, Buffer b, Buffer y) {
        withOperands(g.m() * g.k(), a, g.k() * g.n(), b, (ma, mb) -> multiply(g, ma, mb, y));
    }

    @Override
    public void batchedMatmul(long batch, Matmul g, Buffer a, Buffer b, Buffer y) {
        withOperands(
                batch * g.m() * g.k(),
                a,
                batch * g.k() * g.n(),
                b,
                (ma, mb) -> gemm.multiplyEach(batch, g, precision == Precision.TF32, ma, mb, Matrix.floats(y)));
    }

    /** Calls back with a and b as this precision multiplies them. */
    private void withOperands(long aCount, Buffer a, long bCount, Buffer b, BiConsumer<Matrix, Matrix> product) {
        if (precision != Precision.BF16) {
            product.accept(Matrix.floats(a), Matrix.floats(b));
            return;
        }
        try (Scratch scratch = new Scratch(memory)) {
            product.accept(rounded(aCount, a, scratch), rounded(bCount, b, scratch));
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

    private Matrix rounded(long n, Buffer x, Scratch scratch) {
        CudaBuffer y = scratch.allocate(n * BiasKernels.BF16_BYTES);
        bias.toBf16(n, x, y);
        return Matrix.bf16(y);
    }

    private void multiply(Matmul g, Matrix a, Matrix b, Buffer y) {
        gemm.multiply("cublasGemmEx", g, precision == Precision.TF32, a, b, Matrix.floats(y), false);
    }
}
