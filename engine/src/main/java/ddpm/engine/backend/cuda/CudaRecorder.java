package ddpm.engine.backend.cuda;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.OutOfMemoryException;
import ddpm.engine.backend.Recorder;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One graph per key. The first run is plain, so that algorithms are searched and caches filled; the second is recorded;
 * the next ones replay. A graph whose memory changed hands is recorded again, and so is one for whose recording memory ran
 * out while the pool held free blocks: they cannot go back to the driver before the recording has ended.
 */
final class CudaRecorder implements Recorder {
    private final CudaDevice device;
    private final CudaMemory memory;
    private final boolean graphs;
    private final Consumer<CudaRecorder> onClose;
    private final Set<Object> seen = new HashSet<>();
    private final Map<Object, CudaGraph> recorded = new HashMap<>();
    private boolean closed;
    private int lastNodes;

    /** @param graphs false runs every body plainly */
    CudaRecorder(CudaDevice device, CudaMemory memory, boolean graphs, Consumer<CudaRecorder> onClose) {
        this.device = device;
        this.memory = memory;
        this.graphs = graphs;
        this.onClose = onClose;
    }

    @Override
    public void run(Object key, Runnable body) {
        if (closed) {
            throw new BackendException("cuda: Recorder.run after close");
        }
        device.requireNotRecording("Recorder.run");
        if (!graphs) {
            body.run();
            return;
        }
        if (!seen.contains(key)) {
            body.run();
            seen.add(key);
            return;
        }
        CudaGraph graph = recorded.get(key);
        if (graph != null && !graph.valid()) {
            drop(key);
            graph = null;
        }
        if (graph == null) {
            graph = capture(body);
            recorded.put(key, graph);
        }
        graph.launch();
        lastNodes = graph.nodes();
    }

    private CudaGraph capture(Runnable body) {
        try {
            return CudaGraph.capture(device, body);
        } catch (OutOfMemoryException e) {
            memory.trim();
            return CudaGraph.capture(device, body);
        }
    }

    private void drop(Object key) {
        device.synchronize(); // it may still be running
        recorded.remove(key).close();
    }

    /** Forgets every graph; the next run of a key records it again. */
    void dropAll() {
        if (!recorded.isEmpty()) {
            device.synchronize();
            recorded.values().forEach(CudaGraph::close);
            recorded.clear();
        }
    }

    /** Nodes of the graph launched last; 0 before the first: for tests and reports. */
    int lastNodes() {
        return lastNodes;
    }

    /** Number of graphs held: for tests and reports. */
    int size() {
        return recorded.size();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            dropAll();
            onClose.accept(this);
        }
    }
}
