package ddpm.engine.backend.cuda.kernel;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.driver.CudaStatus;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** One kernel, loaded by its first launch: {@code kernel.blocks(n).threads(256).arg(x).arg(y).arg(count).run()}. */
public final class CudaKernel {
    private static final int DEFAULT_SHARED_BYTES = 48 << 10; // more must be asked for, kernel by kernel

    private static final int INVALID_IMAGE = 200;
    private static final int NO_BINARY_FOR_GPU = 209;

    private final CudaDevice device;
    private final String name;
    private final KernelCode code;
    private KernelSignature signature;
    private ByteBuffer block; // the arguments; the driver copies them while it launches
    private Pointer arguments; // one pointer into the block for each
    private CUmodule module;
    private CUfunction function;
    private boolean compiled;
    private int sharedBytes = DEFAULT_SHARED_BYTES;

    CudaKernel(CudaDevice device, String name, KernelCode code) {
        this.device = device;
        this.name = name;
        this.code = code;
    }

    /** For launches that go nowhere. */
    CudaKernel(KernelSignature signature) {
        this(null, signature.name(), null);
        take(signature);
    }

    String name() {
        return name;
    }

    KernelSignature signature() {
        if (signature == null) {
            take(code.signature(name));
        }
        return signature;
    }

    private void take(KernelSignature s) {
        signature = s;
        block = ByteBuffer.allocateDirect(Math.max(8, s.bytes())).order(ByteOrder.nativeOrder());
        Pointer start = Pointer.to(block);
        arguments = Pointer.to(s.offsets().stream().map(start::withByteOffset).toArray(Pointer[]::new));
    }

    /** Has the driver load it, unless it has. */
    public void load() {
        if (loaded()) {
            return;
        }
        if (device.recording()) {
            throw new KernelNotLoadedException(this);
        }
        device.makeCurrent();
        Supplier<String> what = () -> "loading kernel " + name + " on " + device.name();
        CUmodule loading = new CUmodule();
        boolean tried = code.cubins() != null;
        int status = JCudaDriver.cuModuleLoadData(loading, code.image(name));
        if (tried && (status == INVALID_IMAGE || status == NO_BINARY_FOR_GPU)) {
            status = JCudaDriver.cuModuleLoadData(loading, code.ptxImage(name)); // doctor says how many came so
            tried = false;
        }
        CudaStatus.check(status, what);
        CUfunction found = new CUfunction();
        CudaStatus.check(JCudaDriver.cuModuleGetFunction(found, loading, name), what);
        module = loading;
        function = found;
        compiled = tried;
    }

    boolean loaded() {
        return function != null;
    }

    /** Whether it was loaded as it lay in the jar, without the driver's compiler. */
    boolean compiled() {
        return compiled;
    }

    void unload() {
        if (module != null) {
            CudaStatus.check(JCudaDriver.cuModuleUnload(module), "unloading kernel " + name);
            module = null;
            function = null;
        }
    }

    /** A launch of x blocks. */
    public Launch blocks(long x) {
        return blocks(x, 1);
    }

    /** A launch of x times y blocks; x up to 2³¹-1, y up to 65535. */
    public Launch blocks(long x, long y) {
        if (x < 1 || x > Integer.MAX_VALUE || y < 1 || y > 65_535) {
            throw new BackendException("cuda: kernel " + name + " launched with " + x + " x " + y
                    + " blocks; at least 1 x 1, at most 2147483647 x 65535");
        }
        return new Launch(this, (int) x, (int) y);
    }

    ByteBuffer block() {
        return block;
    }

    /** @param bytes of the buffers among the arguments */
    void launch(int x, int y, int threads, int shared, long bytes) {
        load();
        device.makeCurrent();
        if (shared > sharedBytes) {
            raiseSharedBytes(shared);
        }
        device.began(name, bytes);
        CudaStatus.check(
                JCudaDriver.cuLaunchKernel(function, x, y, 1, threads, 1, 1, shared, device.stream(), arguments, null),
                () -> "launch of kernel " + name + " with " + x + " x " + y + " blocks of " + threads + " threads and "
                        + shared + " bytes of shared memory");
        device.ended();
    }

    private void raiseSharedBytes(int bytes) {
        if (bytes > device.maxSharedBytes()) {
            throw new BackendException("cuda: kernel " + name + " needs " + bytes
                    + " bytes of shared memory per block, " + device.name() + " has " + device.maxSharedBytes());
        }
        CudaStatus.check(
                JCudaDriver.cuFuncSetAttribute(
                        function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
                () -> bytes + " bytes of shared memory for kernel " + name);
        sharedBytes = bytes;
    }
}
