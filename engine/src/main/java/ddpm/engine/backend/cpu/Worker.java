package ddpm.engine.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** One Java thread with one OpenMP thread, its own oneDNN context and scratch arrays. */
final class Worker implements AutoCloseable {
    private final int index;
    private final ExecutorService thread;
    private final List<float[]> scratch = new ArrayList<>();
    private final List<CpuBuffer> nativeScratch = new ArrayList<>();
    private DnnlContext context;

    Worker(int index) {
        this.index = index;
        this.thread = Executors.newSingleThreadExecutor(r -> {
            Thread t = new Thread(
                    () -> {
                        OpenMp.threads(1);
                        r.run();
                    },
                    "ddpm-cpu-" + index);
            t.setDaemon(true);
            return t;
        });
    }

    Future<?> submit(Runnable work) {
        return thread.submit(work);
    }

    /** 0 .. threads-1. */
    int index() {
        return index;
    }

    /** oneDNN for this thread; only from work running on it. */
    DnnlContext context() {
        if (context == null) {
            context = new DnnlContext();
        }
        return context;
    }

    /** Whether {@link #context} has been made: for reports. */
    boolean hasContext() {
        return context != null;
    }

    /** Scratch array number {@code slot}, at least {@code length} long, with whatever was left in it. */
    float[] floats(int slot, int length) {
        while (scratch.size() <= slot) {
            scratch.add(new float[0]);
        }
        if (scratch.get(slot).length < length) {
            scratch.set(slot, new float[length]);
        }
        return scratch.get(slot);
    }

    /** Native scratch memory number {@code slot}, room for at least {@code length} floats. */
    CpuBuffer natives(int slot, long length) {
        while (nativeScratch.size() <= slot) {
            nativeScratch.add(null);
        }
        CpuBuffer have = nativeScratch.get(slot);
        if (have == null || have.bytes() < length * Float.BYTES) {
            if (have != null) {
                have.release();
            }
            nativeScratch.set(slot, CpuBuffer.malloc(length * Float.BYTES));
        }
        return nativeScratch.get(slot);
    }

    @Override
    public void close() {
        Future<?> closing = thread.submit(() -> {
            nativeScratch.stream().filter(Objects::nonNull).forEach(CpuBuffer::release);
            if (context != null) {
                context.close();
            }
        });
        thread.shutdown();
        try {
            closing.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
