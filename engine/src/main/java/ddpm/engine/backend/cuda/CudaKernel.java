package ddpm.engine.backend.cuda;

import ddpm.engine.backend.BackendException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;

/** One kernel, ready to launch: {@code kernel.blocks(n).threads(256).arg(x).arg(y).arg(count).run()}. */
final class CudaKernel {
    private static final int DEFAULT_SHARED_BYTES = 48 << 10; // more must be asked for, kernel by kernel

    private final CudaDevice device;
    private final CUfunction function;
    private final KernelSignature signature;
    private final ByteBuffer block; // the arguments; the driver copies them while it launches
    private final Pointer arguments; // one pointer into the block for each
    private int sharedBytes = DEFAULT_SHARED_BYTES;

    CudaKernel(CudaDevice device, CUfunction function, KernelSignature signature) {
        this.device = device;
        this.function = function;
        this.signature = signature;
        this.block = ByteBuffer.allocateDirect(Math.max(8, signature.bytes())).order(ByteOrder.nativeOrder());
        Pointer start = Pointer.to(block);
        this.arguments = Pointer.to(
                signature.offsets().stream().map(start::withByteOffset).toArray(Pointer[]::new));
    }

    KernelSignature signature() {
        return signature;
    }

    /** A launch of x blocks. */
    Launch blocks(long x) {
        return blocks(x, 1);
    }

    /** A launch of x times y blocks; x up to 2³¹-1, y up to 65535. */
    Launch blocks(long x, long y) {
        if (x < 1 || x > Integer.MAX_VALUE || y < 1 || y > 65_535) {
            throw new BackendException("cuda: kernel " + signature.name() + " launched with " + x + " x " + y
                    + " blocks; at least 1 x 1, at most 2147483647 x 65535");
        }
        return new Launch(this, (int) x, (int) y);
    }

    ByteBuffer block() {
        return block;
    }

    /** @param bytes of the buffers among the arguments */
    void launch(int x, int y, int threads, int shared, long bytes) {
        device.makeCurrent();
        if (shared > sharedBytes) {
            raiseSharedBytes(shared);
        }
        device.began(signature.name(), bytes);
        CudaStatus.check(
                JCudaDriver.cuLaunchKernel(function, x, y, 1, threads, 1, 1, shared, device.stream(), arguments, null),
                () -> "launch of kernel " + signature.name() + " with " + x + " x " + y + " blocks of " + threads
                        + " threads and " + shared + " bytes of shared memory");
        device.ended();
    }

    private void raiseSharedBytes(int bytes) {
        if (bytes > device.maxSharedBytes()) {
            throw new BackendException("cuda: kernel " + signature.name() + " needs " + bytes
                    + " bytes of shared memory per block, " + device.name() + " has " + device.maxSharedBytes());
        }
        CudaStatus.check(
                JCudaDriver.cuFuncSetAttribute(
                        function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
                () -> bytes + " bytes of shared memory for kernel " + signature.name());
        sharedBytes = bytes;
    }
}
