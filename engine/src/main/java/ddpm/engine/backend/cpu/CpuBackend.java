package ddpm.engine.backend.cpu;

import ddpm.engine.backend.AttentionOps;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.BackendException;
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
import ddpm.engine.backend.cpu.attention.CpuAttention;
import ddpm.engine.backend.cpu.conv.CpuConv;
import ddpm.engine.backend.cpu.memory.CpuMemory;
import ddpm.engine.backend.cpu.onednn.CpuInfo;
import ddpm.engine.backend.cpu.onednn.Dnnl;
import ddpm.engine.backend.cpu.onednn.OpenMp;
import ddpm.engine.backend.cpu.team.Worker;
import ddpm.engine.backend.cpu.team.Workers;
import java.util.Map;
import java.util.TreeMap;

/**
 * The CPU: oneDNN for products, convolutions and functions, our own loops for the rest. Calls return when the work is
 * done. Use it from the thread that made it.
 */
public final class CpuBackend implements Backend {
    private final Precision precision;
    private final Workers workers;
    private final CpuMemory memory = new CpuMemory();
    private final ElementwiseOps elementwise;
    private final LayoutOps layout;
    private final ConvOps conv;
    private final PoolOps pool;
    private final MatmulOps matmul;
    private final NormOps norm;
    private final AttentionOps attention;
    private final RandomOps random;
    private final DiffusionOps diffusion;
    private final LabelOps label;
    private final LossOps loss;
    private final OptimizerOps optimizer;

    /** @throws ddpm.engine.backend.BackendException when oneDNN cannot be loaded or the CPU lacks the precision */
    public CpuBackend(Precision precision) {
        this(precision, CpuInfo.physicalCores());
    }

    /** @param threads number of threads for every operation */
    public CpuBackend(Precision precision, int threads) {
        this.precision = CpuInfo.requireSupported(precision);
        Dnnl.engine();
        OpenMp.threads(1); // the team's threads are our own
        this.workers = new Workers(threads);
        this.elementwise = new CpuElementwise(workers);
        this.layout = new CpuLayout(workers, memory);
        this.conv = new CpuConv(workers, memory, precision);
        this.pool = new CpuPool(workers);
        this.matmul = new CpuMatmul(workers, memory, precision);
        this.norm = new CpuNorm(workers);
        this.attention = new CpuAttention(workers);
        this.random = new CpuRandom(workers);
        this.diffusion = new CpuDiffusion(workers);
        this.label = new CpuLabel(workers);
        this.loss = new CpuLoss(workers);
        this.optimizer = new CpuOptimizer(workers);
    }

    /**
     * Loads oneDNN in a thread of its own, which takes a third of a second that the caller can use. Where it cannot be
     * loaded, the constructor says so.
     */
    public static void preload() {
        Thread loader = new Thread(
                () -> {
                    try {
                        Dnnl.engine();
                        OpenMp.threads(1);
                    } catch (BackendException e) {
                        // the constructor meets it again and throws it in the thread that can report it
                    }
                },
                "ddpm-cpu-preload");
        loader.setDaemon(true);
        loader.start();
    }

    /** The oneDNN implementation behind each geometry used so far: for tests and reports. */
    public Map<String, String> implementationNames() {
        Map<String, String> names = new TreeMap<>();
        workers.all().stream().filter(Worker::hasContext).forEach(w -> w.context()
                .implementations(names));
        return names;
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public Precision operands() {
        return precision;
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
        return false;
    }

    @Override
    public Recorder recorder() {
        return Recorder.none();
    }

    @Override
    public void synchronize() {
        // every call has returned with its work done
    }

    @Override
    public void close() {
        workers.close();
        memory.trim();
    }
}
