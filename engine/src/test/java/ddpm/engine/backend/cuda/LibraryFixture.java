package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.conv.AlgorithmFile;
import ddpm.engine.backend.cuda.conv.ConvAlgorithms;
import ddpm.engine.backend.cuda.conv.CudaConv;
import ddpm.engine.backend.cuda.conv.UnfoldKernels;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.kernel.BiasKernels;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.nvidia.CudaHandles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** The libraries' families without the rest of a backend, and arrays in device memory. */
public final class LibraryFixture implements AutoCloseable {
    public final CudaDevice device = Gpu.device();
    public final CudaMemory memory = new CudaMemory(device);
    public final CudaHandles handles = new CudaHandles(device, memory);
    public final CudaKernels kernels = CudaKernels.shipped(device);
    final BiasKernels bias = new BiasKernels(kernels, memory);
    public final List<String> lines = new ArrayList<>();
    private final List<CudaConv> convs = new ArrayList<>();
    private final List<CudaBuffer> buffers = new ArrayList<>();

    public ConvAlgorithms algorithms(Precision precision, Path file) {
        return new ConvAlgorithms(
                handles,
                memory,
                new UnfoldKernels(kernels),
                precision,
                new AlgorithmFile(file, lines::add),
                lines::add);
    }

    public CudaConv conv(ConvAlgorithms algorithms) {
        CudaConv conv = new CudaConv(memory, bias, algorithms);
        convs.add(conv);
        return conv;
    }

    public CudaBuffer upload(float[] values) {
        CudaBuffer b = memory.allocate((long) values.length * Float.BYTES);
        buffers.add(b);
        memory.upload(values, b);
        return b;
    }

    /** A buffer for a result, full of NaN: what is not overwritten shows. */
    public CudaBuffer result(long count) {
        float[] nan = new float[Math.toIntExact(count)];
        Arrays.fill(nan, Float.NaN);
        return upload(nan);
    }

    public float[] download(CudaBuffer b, long count) {
        float[] values = new float[Math.toIntExact(count)];
        memory.download(b, values);
        return values;
    }

    /** Frees what a case has uploaded. */
    public void forget() {
        buffers.forEach(memory::free);
        buffers.clear();
    }

    public static float[] normals(long count, double std, Random random) {
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (std * random.nextGaussian());
        }
        return values;
    }

    /** The nearest bf16, ties to even. */
    public static float[] toBf16(float[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int bits = Float.floatToRawIntBits(values[i]);
            rounded[i] = Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
        }
        return rounded;
    }

    /** Bits of a run while the stream is captured and launched. */
    public <T> T captured(Runnable body, Supplier<T> then) {
        try (CudaGraph graph = CudaGraph.capture(device, body)) {
            graph.launch();
            device.synchronize();
            return then.get();
        }
    }

    @Override
    public void close() {
        device.synchronize();
        convs.forEach(CudaConv::close);
        handles.close();
        memory.close();
        kernels.close();
    }
}
