package ddpm.engine.backend.cuda;

import ddpm.engine.backend.AttentionOps;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Clock;
import ddpm.engine.backend.ConvOps;
import ddpm.engine.backend.DiffusionOps;
import ddpm.engine.backend.ElementwiseOps;
import ddpm.engine.backend.LabelOps;
import ddpm.engine.backend.LayoutOps;
import ddpm.engine.backend.LossOps;
import ddpm.engine.backend.MatmulOps;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.NormOps;
import ddpm.engine.backend.OptimizerOps;
import ddpm.engine.backend.PoolOps;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.RandomOps;
import ddpm.engine.backend.Recorder;
import ddpm.engine.backend.Watch;
import ddpm.engine.backend.cuda.conv.AlgorithmFile;
import ddpm.engine.backend.cuda.conv.ConvAlgorithm;
import ddpm.engine.backend.cuda.conv.ConvAlgorithms;
import ddpm.engine.backend.cuda.conv.CudaConv;
import ddpm.engine.backend.cuda.conv.UnfoldKernels;
import ddpm.engine.backend.cuda.driver.CudaClock;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.driver.Opening;
import ddpm.engine.backend.cuda.kernel.BiasKernels;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.load.CudaLibraries;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.nvidia.CudaHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An NVIDIA GPU: cuDNN for convolutions, cuBLAS for products, our own kernels for the rest. Calls return at once; their
 * work is done in order. Use it from one thread at a time.
 */
public final class CudaBackend implements Backend {
    private final CudaOptions options;
    private final CudaDevice device;
    private final CudaMemory memory;
    private final CudaKernels kernels;
    private final CudaHandles handles;
    private final CudaConv conv;
    private final PoolOps pool;
    private final CudaMatmul matmul;
    private final ElementwiseOps elementwise;
    private final LayoutOps layout;
    private final NormOps norm;
    private final AttentionOps attention;
    private final RandomOps random;
    private final DiffusionOps diffusion;
    private final LabelOps label;
    private final LossOps loss;
    private final OptimizerOps optimizer;
    private final List<CudaRecorder> recorders = new ArrayList<>();

    /** The first GPU. @throws BackendException why it cannot be used, and the remedy, in one sentence */
    public CudaBackend(Precision precision) {
        this(CudaOptions.of(precision));
    }

    /** As {@link #CudaBackend(Precision)}. */
    public CudaBackend(CudaOptions options) {
        this.options = options;
        CudaLibraries.load();
        try (Opening opening = new Opening()) {
            this.device = new CudaDevice(options.device());
            opening.opened(device::close);
            device.requireSupported(options.precision());
            this.kernels = CudaKernels.shipped(device);
            opening.opened(kernels::close);
            this.memory = new CudaMemory(device);
            opening.opened(memory::close);
            this.handles = new CudaHandles(device, memory);
            opening.opened(handles::close);
            BiasKernels bias = new BiasKernels(kernels, memory);
            AlgorithmFile file = AlgorithmFile.ofUser(System.getenv());
            UnfoldKernels unfold = new UnfoldKernels(kernels);
            this.conv = new CudaConv(
                    memory,
                    bias,
                    new ConvAlgorithms(handles, memory, unfold, options.precision(), file, System.err::println));
            opening.opened(conv::close);
            this.pool = new CudaPool(kernels);
            this.matmul = new CudaMatmul(handles, memory, bias, options.precision());
            memory.beforeTrim(() -> recorders.forEach(CudaRecorder::dropAll));
            this.elementwise = new CudaElementwise(kernels);
            this.layout = new CudaLayout(kernels);
            this.norm = new CudaNorm(kernels, memory, device);
            this.attention = new CudaAttention(kernels, memory, options.precision());
            this.random = new CudaRandom(kernels);
            this.diffusion = new CudaDiffusion(kernels);
            this.label = new CudaLabel(kernels);
            this.loss = new CudaLoss(kernels, memory);
            this.optimizer = new CudaOptimizer(kernels, memory);
            opening.succeeded();
        }
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public Precision precision() {
        return options.precision();
    }

    @Override
    public MemoryOps memory() {
        return memory;
    }

    @Override
    public ElementwiseOps elementwise() {
        return elementwise;
    }

    @Override
    public LayoutOps layout() {
        return layout;
    }

    @Override
    public ConvOps conv() {
        return conv;
    }

    @Override
    public PoolOps pool() {
        return pool;
    }

    @Override
    public MatmulOps matmul() {
        return matmul;
    }

    @Override
    public NormOps norm() {
        return norm;
    }

    @Override
    public AttentionOps attention() {
        return attention;
    }

    @Override
    public RandomOps random() {
        return random;
    }

    @Override
    public DiffusionOps diffusion() {
        return diffusion;
    }

    @Override
    public LabelOps label() {
        return label;
    }

    @Override
    public LossOps loss() {
        return loss;
    }

    @Override
    public OptimizerOps optimizer() {
        return optimizer;
    }

    @Override
    public boolean asynchronous() {
        return true;
    }

    @Override
    public Recorder recorder() {
        CudaRecorder recorder = new CudaRecorder(device, memory, options.graphs(), recorders::remove);
        recorders.add(recorder);
        return recorder;
    }

    /** What our launchers have asked for and loaded: for tests and reports. */
    public CudaKernels kernels() {
        return kernels;
    }

    /** Nodes of the graph that the newest recorder launched last: for tests and reports. */
    int lastGraphNodes() {
        return recorders.isEmpty() ? 0 : recorders.get(recorders.size() - 1).lastNodes();
    }

    /** How each pass of each convolution is computed: for tests and reports. */
    public Map<String, ConvAlgorithm> convolutions() {
        return conv.inUse();
    }

    @Override
    public Clock clock() {
        return new CudaClock(device);
    }

    @Override
    public void watch(Watch watch) {
        device.watch(watch);
    }

    @Override
    public void synchronize() {
        device.synchronize();
    }

    @Override
    public void close() {
        List.copyOf(recorders).forEach(CudaRecorder::close);
        device.synchronize(); // before anything that the stream may still use goes
        conv.close();
        handles.close();
        memory.close();
        kernels.close();
        device.close();
    }
}
