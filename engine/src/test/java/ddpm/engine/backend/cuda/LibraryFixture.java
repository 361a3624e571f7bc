package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** The libraries' families without the rest of a backend, and arrays in device memory. */
final class LibraryFixture implements AutoCloseable {
    final CudaDevice device = Gpu.device();
    final CudaMemory memory = new CudaMemory(device);
    final CudaHandles handles = new CudaHandles(device, memory);
    final CudaKernels kernels = CudaKernels.shipped(device);
    final BiasKernels bias = new BiasKernels(kernels, memory);
    final List<String> lines = new ArrayList<>();
    private final List<CudaConv> convs = new ArrayList<>();
    private final List<CudaBuffer> buffers = new ArrayList<>();

    ConvAlgorithms algorithms(Precision precision, Path file) {
        return new ConvAlgorithms(
                handles,
                memory,
                new UnfoldKernels(kernels),
                precision,
                new AlgorithmFile(file, lines::add),
                lines::add);
    }

    CudaConv conv(ConvAlgorithms algorithms) {
        CudaConv conv = new CudaConv(memory, bias, algorithms);
        convs.add(conv);
        return conv;
    }

    CudaBuffer upload(float[] values) {
        CudaBuffer b = memory.allocate((long) values.length * Float.BYTES);
        buffers.add(b);
        memory.upload(values, b);
        return b;
    }

    /** A buffer for a result, full of NaN: what is not overwritten shows. */
    CudaBuffer result(long count) {
        float[] nan = new float[Math.toIntExact(count)];
        Arrays.fill(nan, Float.NaN);
        return upload(nan);
    }

    float[] download(CudaBuffer b, long count) {
        float[] values = new float[Math.toIntExact(count)];
        memory.download(b, values);
        return values;
    }

    /** Frees what a case has uploaded. */
    void forget() {
        buffers.forEach(memory::free);
        buffers.clear();
    }

    static float[] normals(long count, double std, Random random) {
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (std * random.nextGaussian());
        }
        return values;
    }

    /** The nearest bf16, ties to even. */
    static float[] toBf16(float[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int bits = Float.floatToRawIntBits(values[i]);
            rounded[i] = Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
        }
        return rounded;
    }

    /** Bits of a run while the stream is captured and launched. */
    <T> T captured(Runnable body, Supplier<T> then) {
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
