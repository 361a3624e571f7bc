package ddpm.engine.backend.cuda.driver;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.BackendException.Instead;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.Watch;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** One GPU: its context, which every library in the process shares, and the one stream that all our work goes through. */
public final class CudaDevice implements AutoCloseable {
    /** Older GPUs than Turing lack what kernels, cuDNN 9 and CUDA 13 need. */
    static final int OLDEST_CAPABILITY = 75;

    /** Whose context is the thread's. */
    private static final ThreadLocal<CudaDevice> CURRENT = new ThreadLocal<>();

    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final CUstream stream = new CUstream();
    private final String name;
    private final int capability;
    private final int maxSharedBytes;
    private final int pairedSharedBytes;
    private final int processors;
    private Recording recording;
    private Watch watch;

    /** @throws BackendException one sentence with the remedy, when the GPU is missing or too old */
    public CudaDevice(int index) {
        CudaStatus.check(JCudaDriver.cuInit(0), "starting the driver");
        int[] count = {0};
        CudaStatus.check(JCudaDriver.cuDeviceGetCount(count), "counting GPUs");
        if (count[0] == 0) {
            CudaStatus.check(CudaStatus.NO_DEVICE, "opening GPU " + index);
        }
        if (index < 0 || index >= count[0]) {
            throw new BackendException(
                    "cuda: there is no GPU " + index + ", the driver shows " + count[0] + ": 0 to " + (count[0] - 1),
                    "check nvidia-smi and CUDA_VISIBLE_DEVICES");
        }
        CudaStatus.check(JCudaDriver.cuDeviceGet(device, index), "opening GPU " + index);
        name = deviceName();
        capability = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) * 10
                + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
        if (capability < OLDEST_CAPABILITY) {
            throw new BackendException(
                    "cuda: " + name + " has compute capability " + capability / 10 + "." + capability % 10
                            + ", at least 7.5 (GeForce RTX 20, T4) is needed",
                    "",
                    Instead.CPU);
        }
        maxSharedBytes = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
        pairedSharedBytes = pairedSharedBytes(
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK));
        processors = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
        CudaStatus.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "opening " + name);
        try (Opening opening = new Opening()) {
            opening.opened(this::release);
            makeCurrent();
            CudaStatus.check(
                    JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "making a stream");
            opening.succeeded();
        }
    }

    private String deviceName() {
        byte[] text = new byte[256];
        CudaStatus.check(JCudaDriver.cuDeviceGetName(text, text.length, device), "asking for the GPU's name");
        String all = new String(text, StandardCharsets.UTF_8);
        int end = all.indexOf('\0');
        return end < 0 ? all : all.substring(0, end);
    }

    private int attribute(int which) {
        int[] value = {0};
        CudaStatus.check(
                JCudaDriver.cuDeviceGetAttribute(value, which, device),
                () -> "asking the GPU for " + CUdevice_attribute.stringFor(which));
        return value[0];
    }

    /** @throws BackendException when the GPU cannot multiply in this precision, naming one that it can */
    public void requireSupported(Precision precision) {
        if (precision != Precision.FP32 && capability < 80) {
            throw new BackendException(
                    "cuda: " + precision.name().toLowerCase(Locale.ROOT)
                            + " needs compute capability 8.0 (Ampere), " + name + " has " + capability / 10 + "."
                            + capability % 10,
                    "",
                    Instead.FP32);
        }
    }

    /** Makes the GPU's context the calling thread's: every call of the driver, cuBLAS and cuDNN needs it. */
    public void makeCurrent() {
        if (CURRENT.get() != this) {
            CudaStatus.check(JCudaDriver.cuCtxSetCurrent(context), "choosing " + name);
            CURRENT.set(this);
        }
    }

    /** From now on memory is noted in the recording; null ends that. */
    public void record(Recording noted) {
        recording = noted;
    }

    public boolean recording() {
        return recording != null;
    }

    /** Somebody takes the address of a buffer: what a recording reads or writes. */
    public void used(CudaBuffer b) {
        if (recording != null) {
            recording.used(b);
        }
    }

    public void allocated(CudaBuffer b) {
        if (recording != null) {
            recording.allocated(b);
        }
    }

    public void freed(CudaBuffer b) {
        if (recording != null) {
            recording.freed(b);
        }
    }

    /** @throws BackendException naming the method, while a step is recorded */
    public void requireNotRecording(String method) {
        if (recording != null) {
            throw new BackendException(
                    "cuda: " + method + " while a step is recorded, which no replay would repeat",
                    "call it outside Recorder.run",
                    Instead.NO_GRAPHS);
        }
    }

    /** From now on tells of what is queued; null ends that. */
    public void watch(Watch told) {
        watch = told;
    }

    /** A kernel, or a call of a library, is queued next. */
    public void began(String name, long bytes) {
        if (watch != null) {
            watch.began(name, bytes);
        }
    }

    /** It is queued. */
    public void ended() {
        if (watch != null) {
            watch.ended();
        }
    }

    public CUstream stream() {
        return stream;
    }

    public String name() {
        return name;
    }

    /** Ten times the compute capability: 75, 80, 90. */
    public int capability() {
        return capability;
    }

    /** The most shared memory that a block can have, in bytes. */
    public int maxSharedBytes() {
        return maxSharedBytes;
    }

    /** The most that each of two blocks can have which share a multiprocessor, in bytes. */
    public int pairedSharedBytes() {
        return pairedSharedBytes;
    }

    /** Half of the multiprocessor's, less what the system keeps of each half for itself. */
    public static int pairedSharedBytes(int ofMultiprocessor, int reservedOfBlock) {
        return ofMultiprocessor / 2 - reservedOfBlock;
    }

    /** Number of streaming multiprocessors. */
    public int processors() {
        return processors;
    }

    /** Free and total memory of the GPU in bytes. */
    public long[] memory() {
        makeCurrent();
        long[] free = {0};
        long[] total = {0};
        CudaStatus.check(JCudaDriver.cuMemGetInfo(free, total), "asking for free memory");
        return new long[] {free[0], total[0]};
    }

    /** Waits until the stream has done everything asked for. */
    public void synchronize() {
        requireNotRecording("synchronize");
        makeCurrent();
        CudaStatus.check(JCudaDriver.cuStreamSynchronize(stream), "waiting for " + name);
    }

    @Override
    public void close() {
        makeCurrent();
        JCudaDriver.cuStreamDestroy(stream);
        release();
    }

    private void release() {
        JCudaDriver.cuDevicePrimaryCtxRelease(device);
        CURRENT.remove();
    }
}
