package ddpm.engine.backend.cuda;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.BackendException.Instead;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.driver.CudaStatus;
import ddpm.engine.backend.cuda.driver.Reason;
import ddpm.engine.backend.cuda.driver.Recording;
import ddpm.engine.backend.cuda.kernel.KernelNotLoadedException;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/** The work of a step, recorded once: the host then launches all of it with one call. */
public final class CudaGraph implements AutoCloseable {
    private final CudaDevice device;
    private final CUgraphExec graph;
    private final Recording memory;
    private final int nodes;

    private CudaGraph(CudaDevice device, CUgraphExec graph, Recording memory, int nodes) {
        this.device = device;
        this.graph = graph;
        this.memory = memory;
        this.nodes = nodes;
    }

    /**
     * Runs the body without doing its work: the work becomes the graph. Where the body launches a kernel that is not loaded,
     * what was recorded is thrown away, the kernel loaded, and the body run again: the driver loads nothing meanwhile.
     *
     * @throws BackendException when the body does what no graph can hold: naming it and that there is a way without graphs
     */
    public static CudaGraph capture(CudaDevice device, Runnable body) {
        while (true) {
            try {
                return captureLoaded(device, body);
            } catch (KernelNotLoadedException e) {
                e.kernel().load(); // once for each: none is missing twice
            }
        }
    }

    private static CudaGraph captureLoaded(CudaDevice device, Runnable body) {
        device.makeCurrent();
        Recording memory = new Recording();
        CUgraph graph = new CUgraph();
        // relaxed: the pool may ask the driver for memory meanwhile, which is not part of the graph
        CudaStatus.check(
                JCudaDriver.cuStreamBeginCapture(device.stream(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED),
                "starting to record a step");
        device.record(memory);
        boolean ran = false;
        try {
            body.run();
            ran = true;
        } finally {
            device.record(null);
            int status = JCudaDriver.cuStreamEndCapture(device.stream(), graph);
            if (ran) {
                CudaStatus.check(status, "recording a step");
            } else if (status == CudaStatus.SUCCESS) {
                JCudaDriver.cuGraphDestroy(graph);
            }
        }
        memory.checkEnd();
        return instantiate(device, graph, memory);
    }

    private static CudaGraph instantiate(CudaDevice device, CUgraph graph, Recording memory) {
        CUgraphExec exec = new CUgraphExec();
        long[] nodes = {0};
        CudaStatus.check(JCudaDriver.cuGraphGetNodes(graph, null, nodes), "counting the nodes of a recorded step");
        int status = JCudaDriver.cuGraphInstantiate(exec, graph, 0);
        JCudaDriver.cuGraphDestroy(graph);
        if (status != CudaStatus.SUCCESS) {
            Reason reason = CudaStatus.reason(status);
            throw new BackendException(
                    "cuda: making a graph of a recorded step: " + reason.problem(), reason.remedy(), Instead.NO_GRAPHS);
        }
        return new CudaGraph(device, exec, memory, Math.toIntExact(nodes[0]));
    }

    /** Whether the memory it knows is still what it was when it was recorded. */
    public boolean valid() {
        return memory.valid();
    }

    /** Kernels, copies and fills: for tests and reports. */
    public int nodes() {
        return nodes;
    }

    public void launch() {
        device.makeCurrent();
        CudaStatus.check(JCudaDriver.cuGraphLaunch(graph, device.stream()), "launching a recorded step");
    }

    /** The caller has waited for the stream. */
    @Override
    public void close() {
        device.makeCurrent();
        CudaStatus.check(JCudaDriver.cuGraphExecDestroy(graph), "destroying a recorded step");
    }
}
