package ddpm.engine.backend.cuda.nvidia;

import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.driver.Opening;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;

/** cuBLAS and cuDNN, opened once and bound to the backend's stream: their work is queued like a kernel's. */
public final class CudaHandles implements AutoCloseable {
    /** The factors of every product: result = 1 * product + 0 * result. The libraries read them while they are called. */
    public static final Pointer ONE = onHost(1);

    public static final Pointer ZERO = onHost(0);

    /**
     * What cuBLAS recommends for the largest GPUs. Without one it takes memory from the driver whenever a product is
     * recorded into a graph, and its choice of kernel may then differ.
     */
    private static final long WORKSPACE_BYTES = 32L << 20;

    private final CudaDevice device;
    private final CudaMemory memory;
    private final cublasHandle cublas = new cublasHandle();
    private final cudnnHandle cudnn = new cudnnHandle();
    private final CudaBuffer workspace;

    public CudaHandles(CudaDevice device, CudaMemory memory) {
        this.device = device;
        this.memory = memory;
        device.makeCurrent();
        cudaStream_t stream = new cudaStream_t(device.stream());
        try (Opening opening = new Opening()) {
            CublasStatus.check(JCublas2.cublasCreate(cublas), "opening");
            opening.opened(this::closeCublas);
            // takes the workspace away, so it comes first
            CublasStatus.check(JCublas2.cublasSetStream(cublas, stream), "choosing the stream");
            this.workspace = memory.allocate(WORKSPACE_BYTES);
            opening.opened(() -> memory.free(workspace));
            CublasStatus.check(
                    JCublas2.cublasSetWorkspace(cublas, workspace.pointer(), WORKSPACE_BYTES), "setting the workspace");
            // the compute type of each product says how operands are rounded; partial sums are never rounded to bf16
            CublasStatus.check(
                    JCublas2.cublasSetMathMode(cublas, cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION),
                    "setting the math mode");
            CudnnStatus.check(JCudnn.cudnnCreate(cudnn), "opening");
            opening.opened(this::closeCudnn);
            CudnnStatus.check(JCudnn.cudnnSetStream(cudnn, stream), "choosing the stream");
            opening.succeeded();
        }
    }

    private void closeCublas() {
        CublasStatus.check(JCublas2.cublasDestroy(cublas), "closing");
    }

    private void closeCudnn() {
        CudnnStatus.check(JCudnn.cudnnDestroy(cudnn), "closing");
    }

    private static Pointer onHost(float value) {
        FloatBuffer buffer = ByteBuffer.allocateDirect(Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        buffer.put(0, value);
        return Pointer.to(buffer);
    }

    public cublasHandle cublas() {
        device.makeCurrent();
        return cublas;
    }

    public cudnnHandle cudnn() {
        device.makeCurrent();
        return cudnn;
    }

    public CudaDevice device() {
        return device;
    }

    /** cuDNN's version: 90500 is 9.5.0. */
    public static long cudnnVersion() {
        return JCudnn.cudnnGetVersion();
    }

    /** The caller has waited for the stream. */
    @Override
    public void close() {
        device.makeCurrent();
        closeCudnn();
        closeCublas();
        memory.free(workspace);
    }
}
