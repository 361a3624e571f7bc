package ddpm.engine.backend.cuda.conv;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.memory.Scratch;
import ddpm.engine.backend.cuda.nvidia.Gemm;

/**
 * Our own way, for what cuDNN has no deterministic algorithm for: windows become rows of a matrix ({@code unfold}), and each
 * pass is a product of cuBLAS with it; the gradient of the input is made of rows, which are summed back in a fixed order
 * ({@code fold}). The precision is that of the operands.
 *
 * <p>It takes so many images at a time that their rows stay below a limit, and at least one; dw adds these parts in their
 * order. The cut depends on the geometry alone, so the bits are the same every time.
 *
 * @param mostBytes of rows
 */
record UnfoldedPlan(
        ConvPass pass,
        ConvSpec geometry,
        ConvAlgorithm algorithm,
        UnfoldKernels kernels,
        Gemm gemm,
        CudaMemory memory,
        long mostBytes)
        implements ConvPlan {

    static final long MOST_BYTES = 128L << 20;

    @Override
    public void run(ConvTensors t) {
        long images = Math.min(geometry.x().n(), Math.max(1, mostBytes / (rows(1) * window() * Float.BYTES)));
        try (Scratch scratch = new Scratch(memory)) {
            CudaBuffer rows = scratch.allocate(rows(images) * window() * Float.BYTES);
            for (long first = 0; first < geometry.x().n(); first += images) {
                part(first, Math.min(images, geometry.x().n() - first), t, rows);
            }
        }
    }

    /** Of a number of images, one for each pixel of y. */
    private long rows(long images) {
        return images * geometry.y().pixels();
    }

    /** Elements of a row: those of a filter. */
    private long window() {
        return geometry.weights() / geometry.y().c();
    }

    private void part(long first, long images, ConvTensors t, CudaBuffer scratch) {
        long k = geometry.y().c();
        long xBytes = first * geometry.x().pixels() * geometry.x().c() * Float.BYTES;
        Gemm.Matrix rows = Gemm.Matrix.floats(scratch);
        Gemm.Matrix w = Gemm.Matrix.floats(t.w());
        Gemm.Matrix y = Gemm.Matrix.floats(t.y(), rows(first) * k * Float.BYTES);
        switch (pass) {
            case FORWARD -> {
                kernels.unfold(geometry, images, t.x(), xBytes, scratch);
                multiply(new Matmul(rows(images), window(), k, false, true), rows, w, y, false);
            }
            case BACKWARD_DATA -> {
                multiply(new Matmul(rows(images), k, window(), false, false), y, w, rows, false);
                kernels.fold(geometry, images, scratch, t.x(), xBytes);
            }
            case BACKWARD_WEIGHTS -> {
                kernels.unfold(geometry, images, t.x(), xBytes, scratch);
                multiply(new Matmul(k, rows(images), window(), true, false), y, rows, w, first > 0);
            }
        }
    }

    private void multiply(Matmul g, Gemm.Matrix a, Gemm.Matrix b, Gemm.Matrix y, boolean add) {
        gemm.multiply("cublasGemmEx, unfolded " + pass, g, algorithm.operands() != ConvOperands.FP32, a, b, y, add);
    }

    @Override
    public void close() {}
}
