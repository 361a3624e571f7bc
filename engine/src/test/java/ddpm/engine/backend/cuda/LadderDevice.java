package ddpm.engine.backend.cuda;

import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NormOps.GroupNorm;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.driver.CudaStatus;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.KernelCode;
import ddpm.engine.backend.cuda.load.CudaLibraries;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/** What the ladders run on: a GPU with the kernels of all ladders and those that ship, and its clock. */
public final class LadderDevice implements AutoCloseable {
    private static final long FLUSH_BYTES = 256L << 20; // more than any GPU's second-level cache
    private static final int MOST_REPEATS = 21;
    private static final double MOST_SECONDS = 2; // of one measurement

    private final CudaDevice device;
    private final CudaMemory memory;
    private final CudaKernels steps;
    private final CudaKernels shipped;

    LadderDevice(CudaDevice device) {
        this.device = device;
        this.memory = new CudaMemory(device);
        this.steps = new CudaKernels(device, new KernelCode("ladder", null));
        this.shipped = CudaKernels.shipped(device);
    }

    /** The first GPU. @throws ddpm.engine.backend.BackendException why it cannot be used */
    public static LadderDevice open() {
        CudaLibraries.load();
        return new LadderDevice(new CudaDevice(0));
    }

    public String name() {
        return device.name();
    }

    /** Whether times mean nothing. */
    public boolean simulated() {
        return device.name().contains("simulator");
    }

    /** All ladders at sizes worth timing, made one after the other: the caller closes each. */
    public List<Supplier<Ladder>> ladders() {
        return List.of(
                () -> new ReductionLadder(this, 1 << 26),
                () -> new GroupNormLadder(this, new GroupNorm(new Nhwc(64, 28, 28, 128), 8, 1e-5f)),
                () -> new AttentionLadder(this, new Attention(64, 784, 4, 16)));
    }

    /** The same at sizes that the simulator computes in seconds. */
    public List<Supplier<Ladder>> smallLadders() {
        return List.of(
                () -> new ReductionLadder(this, 1 << 12),
                () -> new GroupNormLadder(this, new GroupNorm(new Nhwc(1, 4, 4, 32), 8, 1e-5f)),
                () -> new AttentionLadder(this, new Attention(1, 16, 1, 16)));
    }

    /** A kernel of a ladder. */
    CudaKernel step(String name) {
        return steps.get(name);
    }

    CudaDevice device() {
        return device;
    }

    /** The kernels that ship. */
    CudaKernels shipped() {
        return shipped;
    }

    CudaMemory memory() {
        return memory;
    }

    /** Memory with these values. */
    Buffer filled(float[] values) {
        Buffer b = memory.allocate((long) values.length * Float.BYTES);
        memory.upload(values, b);
        return b;
    }

    static float[] gaussians(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    void synchronize() {
        device.synchronize();
    }

    /** Seconds of several runs by the GPU's own clock, sorted; caches are emptied before each. */
    public double[] seconds(Runnable work) {
        Buffer flush = memory.allocate(FLUSH_BYTES);
        CUevent start = new CUevent();
        CUevent end = new CUevent();
        CudaStatus.check(JCudaDriver.cuEventCreate(start, CUevent_flags.CU_EVENT_DEFAULT), "making an event");
        CudaStatus.check(JCudaDriver.cuEventCreate(end, CUevent_flags.CU_EVENT_DEFAULT), "making an event");
        work.run(); // the first run compiles
        List<Double> all = new ArrayList<>();
        double sum = 0;
        while (all.size() < MOST_REPEATS && sum < MOST_SECONDS) {
            memory.zero(flush);
            CudaStatus.check(JCudaDriver.cuEventRecord(start, device.stream()), "starting the clock");
            work.run();
            CudaStatus.check(JCudaDriver.cuEventRecord(end, device.stream()), "stopping the clock");
            device.synchronize();
            float[] milliseconds = {0};
            CudaStatus.check(JCudaDriver.cuEventElapsedTime(milliseconds, start, end), "reading the clock");
            all.add(milliseconds[0] / 1e3);
            sum += milliseconds[0] / 1e3;
        }
        JCudaDriver.cuEventDestroy(start);
        JCudaDriver.cuEventDestroy(end);
        memory.free(flush);
        return all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }

    /**
     * Bytes a second, read and written, of the driver's own copy: the ceiling for what memory bounds.
     *
     * @param bytes to copy, more than caches hold
     */
    public double copyBandwidth(long bytes) {
        Buffer from = memory.allocate(bytes);
        Buffer to = memory.allocate(bytes);
        memory.zero(from);
        double[] seconds = seconds(() -> memory.copy(bytes, from, to));
        memory.free(from);
        memory.free(to);
        return 2.0 * bytes / seconds[seconds.length / 2];
    }

    @Override
    public void close() {
        steps.close();
        shipped.close();
        memory.close();
    }
}
