package ddpm.engine.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Our own threads, for work that is parallel over images or blocks and stays in one core's cache. Which thread takes
 * which item is left to chance, so items write to places of their own and sums over items are made afterwards in order.
 */
final class Workers implements AutoCloseable {
    /** Work on one item by one thread. */
    interface Item {
        void run(Worker worker, long item);
    }

    private final List<Worker> workers = new ArrayList<>();

    Workers(int threads) {
        for (int i = 0; i < threads; i++) {
            workers.add(new Worker(i));
        }
    }

    int threads() {
        return workers.size();
    }

    List<Worker> all() {
        return workers;
    }

    /** Runs items 0 .. count-1 and waits for all of them. The first failure is rethrown. */
    void forEach(long count, Item item) {
        AtomicLong next = new AtomicLong();
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < Math.min(count, workers.size()); i++) {
            Worker w = workers.get(i);
            running.add(w.submit(() -> {
                for (long k = next.getAndIncrement(); k < count; k = next.getAndIncrement()) {
                    item.run(w, k);
                }
            }));
        }
        Throwable failure = null;
        for (Future<?> f : running) {
            Throwable t = await(f);
            failure = failure != null ? failure : t;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
    }

    /** Waits even when interrupted, for the work writes into memory that the caller would free; null on success. */
    private static Throwable await(Future<?> f) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    f.get();
                    return null;
                } catch (ExecutionException e) {
                    return e.getCause();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        workers.forEach(Worker::close);
    }
}
