package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.driver.CudaStatus;
import ddpm.engine.backend.cuda.driver.DevicePointer;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Launch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/**
 * Memory for the tests of single kernels. The pool rounds sizes up; here a block ends with its last value, and the simulator
 * stops at the first byte touched behind it. Results begin as NaN.
 */
public final class ExactMemory implements AutoCloseable {
    private static final float MARK = Float.NaN;

    /**
     * Values in device memory.
     *
     * @param offset marks that lie before the first value, so that it has another alignment than its block
     */
    public record Cells(CudaBuffer buffer, Storage storage, int offset, int count) {
        /** The next argument of the launch. */
        Launch arg(Launch launch) {
            return launch.arg(buffer, (long) offset * storage.bytes);
        }
    }

    final CudaDevice device = Gpu.device();
    public final CudaKernels kernels = CudaKernels.shipped(device);
    private final List<CudaBuffer> blocks = new ArrayList<>();

    CudaKernel kernel(String name, Storage storage) {
        return kernels.get(name + storage.suffix);
    }

    Cells floats(float... values) {
        return upload(Storage.F32, 0, values);
    }

    public Cells upload(Storage storage, int offset, float... values) {
        ByteBuffer bytes = buffer((offset + values.length) * storage.bytes);
        for (int i = 0; i < offset; i++) {
            put(bytes, storage, MARK);
        }
        for (float v : storage.stored(values)) {
            put(bytes, storage, v);
        }
        return new Cells(block(bytes), storage, offset, values.length);
    }

    /** Room for a result. */
    public Cells result(Storage storage, int offset, int count) {
        float[] nan = new float[count];
        Arrays.fill(nan, MARK);
        return upload(storage, offset, nan);
    }

    /** A block of integers, or of anything else that is laid out as such. */
    CudaBuffer ints(int... values) {
        ByteBuffer bytes = buffer(values.length * Integer.BYTES);
        for (int v : values) {
            bytes.putInt(v);
        }
        return block(bytes);
    }

    /** A block of bytes. */
    CudaBuffer bytes(byte... values) {
        return block(buffer(values.length).put(values));
    }

    /** All of a block of bytes. */
    byte[] readBytes(CudaBuffer block, int count) {
        ByteBuffer bytes = buffer(count);
        device.synchronize();
        CudaStatus.check(JCudaDriver.cuMemcpyDtoH(Pointer.to(bytes), block.pointer(), count), "reading bytes");
        byte[] values = new byte[count];
        bytes.get(values);
        return values;
    }

    /** A block of doubles that nothing was written to. */
    CudaBuffer doubles(int count) {
        return allocate((long) count * Double.BYTES);
    }

    /** The values, after a look at the marks before them. */
    public float[] read(Cells cells) {
        Storage storage = cells.storage();
        ByteBuffer bytes = buffer((cells.offset() + cells.count()) * storage.bytes);
        device.synchronize();
        CudaStatus.check(
                JCudaDriver.cuMemcpyDtoH(Pointer.to(bytes), cells.buffer().pointer(), bytes.capacity()),
                "reading a result");
        for (int i = 0; i < cells.offset(); i++) {
            assertEquals(storage.bits(storage.stored(new float[] {MARK})[0]), get(bytes, storage), "mark " + i);
        }
        float[] values = new float[cells.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = storage.value(get(bytes, storage));
        }
        return values;
    }

    private static void put(ByteBuffer bytes, Storage storage, float value) {
        if (storage == Storage.F32) {
            bytes.putInt(storage.bits(value));
        } else {
            bytes.putShort((short) storage.bits(value));
        }
    }

    private static int get(ByteBuffer bytes, Storage storage) {
        return storage == Storage.F32 ? bytes.getInt() : bytes.getShort() & 0xffff;
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    private CudaBuffer block(ByteBuffer bytes) {
        CudaBuffer b = allocate(bytes.capacity());
        CudaStatus.check(
                JCudaDriver.cuMemcpyHtoD(b.pointer(), Pointer.to(bytes.rewind()), bytes.capacity()),
                "writing an argument");
        return b;
    }

    private CudaBuffer allocate(long bytes) {
        device.makeCurrent();
        DevicePointer p = new DevicePointer();
        CudaStatus.check(JCudaDriver.cuMemAlloc(p, bytes), () -> "allocating " + bytes + " bytes");
        CudaBuffer b = CudaBuffer.onDevice(device::used, p, bytes, blocks.size());
        blocks.add(b);
        return b;
    }

    /** Frees what a case has allocated; the simulator then looks whether anything was written behind it. */
    public void forget() {
        device.synchronize();
        for (CudaBuffer b : blocks) {
            CudaStatus.check(JCudaDriver.cuMemFree(b.pointer()), "freeing an argument");
        }
        blocks.clear();
    }

    public static float[] normals(int count, Random random) {
        return LibraryFixture.normals(count, 1, random);
    }

    /** Fails where a value is further from the wanted one than its own tolerance. */
    static void near(String what, double[] want, float[] got, double[] tolerance) {
        assertEquals(want.length, got.length, what);
        for (int i = 0; i < want.length; i++) {
            double error = Math.abs(want[i] - got[i]);
            if (!(error <= tolerance[i])) {
                throw new AssertionError(what + "[" + i + "]: " + got[i] + ", want " + want[i] + ", "
                        + error / tolerance[i] + " times the error allowed");
            }
        }
    }

    @Override
    public void close() {
        forget();
        kernels.close();
    }
}
