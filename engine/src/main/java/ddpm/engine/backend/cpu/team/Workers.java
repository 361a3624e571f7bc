package ddpm.engine.backend.cpu.team;

import ddpm.engine.backend.cpu.onednn.OpenMp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The team of threads behind every operation: the caller and some helpers, each with one OpenMP thread. Work is cut
 * over images or blocks. A step consists of some hundred short pieces, so helpers stay awake for a moment before they sleep:
 * waking one costs as much as a small convolution. The caller too sleeps when it waits long: on a machine that others use,
 * the helper it waits for may be waiting for its core.
 *
 * <p>Which thread takes which item is left to chance, so items write to places of their own and sums over items are made
 * afterwards in order. One caller at a time.
 */
public final class Workers implements AutoCloseable {
    /** Work on one item by one thread. */
    public interface Item {
        void run(Worker worker, long item);
    }

    /**
     * How long a helper without work, and a caller whose helpers still work, stay awake. It is worth it while what they wait
     * for comes meanwhile; where two of the team share one core, because somebody else has the other, whoever stays
     * awake keeps the core from the one it waits for. Each wait in vain therefore halves the next, and one that was not
     * makes the next as long as ever.
     */
    private static final class Patience {
        private static final long MOST_NANOS = 200_000;
        private static final long LEAST_NANOS = 2_000;
        private long nanos = MOST_NANOS;
        private long end;

        void begin() {
            end = System.nanoTime() + nanos;
        }

        boolean lasts() {
            return System.nanoTime() < end;
        }

        void rewarded() {
            nanos = MOST_NANOS;
        }

        void disappointed() {
            nanos = Math.max(nanos / 2, LEAST_NANOS);
        }
    }

    private static final class Job {
        final Item item;
        final long count;
        final AtomicLong next = new AtomicLong();
        final AtomicLong finished = new AtomicLong();
        volatile Throwable failure;
        volatile Thread sleeper; // the caller, once it sleeps

        Job(Item item, long count) {
            this.item = item;
            this.count = count;
        }

        void work(Worker w) {
            for (long k = next.getAndIncrement(); k < count; k = next.getAndIncrement()) {
                try {
                    if (failure == null) {
                        item.run(w, k);
                    }
                } catch (Throwable t) { // rethrown to the caller
                    failure = t;
                } finally {
                    if (finished.incrementAndGet() == count) {
                        LockSupport.unpark(sleeper);
                    }
                }
            }
        }

        /** Returns when all items are done. */
        void await(Patience patience) {
            if (finished.get() == count) {
                return;
            }
            patience.begin();
            while (patience.lasts()) {
                if (finished.get() == count) {
                    patience.rewarded();
                    return;
                }
                Thread.onSpinWait();
            }
            patience.disappointed();
            sleeper = Thread.currentThread(); // before the next look: whoever finishes looks after it has counted
            while (finished.get() < count) {
                LockSupport.park(this);
            }
        }
    }

    private final List<Worker> workers = new ArrayList<>();
    private final List<Thread> helpers = new ArrayList<>();
    private final Patience patience = new Patience(); // the caller's
    private volatile Job job;
    private volatile boolean closed;

    public Workers(int threads) {
        for (int i = 0; i < threads; i++) {
            Worker w = new Worker();
            workers.add(w);
            if (i > 0) {
                Thread t = new Thread(() -> help(w), "ddpm-cpu-" + i);
                t.setDaemon(true);
                helpers.add(t);
                t.start();
            }
        }
    }

    public int threads() {
        return workers.size();
    }

    public List<Worker> all() {
        return workers;
    }

    /** The calling thread's belongings. */
    public Worker caller() {
        return workers.get(0);
    }

    /** Runs items 0 .. count-1 and waits for all of them. The first failure is rethrown. */
    public void forEach(long count, Item item) {
        Job mine = new Job(item, count);
        if (count > 1 && !helpers.isEmpty()) {
            job = mine;
            helpers.forEach(LockSupport::unpark);
        }
        mine.work(caller());
        mine.await(patience);
        job = null;
        if (mine.failure instanceof Error e) {
            throw e;
        }
        if (mine.failure instanceof RuntimeException e) {
            throw e;
        }
    }

    private void help(Worker w) {
        OpenMp.threads(1);
        Patience idle = new Patience();
        Job seen = null;
        boolean slept = false;
        idle.begin();
        while (!closed) {
            Job now = job;
            if (now != null && now != seen) {
                if (!slept) {
                    idle.rewarded();
                }
                now.work(w);
                seen = now;
                slept = false;
                idle.begin();
            } else if (idle.lasts()) {
                Thread.onSpinWait();
            } else {
                if (!slept) {
                    idle.disappointed();
                }
                slept = true;
                LockSupport.park(this);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        helpers.forEach(LockSupport::unpark);
        for (Thread t : helpers) {
            join(t);
        }
        workers.forEach(Worker::close);
    }

    private static void join(Thread t) {
        boolean interrupted = false;
        while (t.isAlive()) {
            try {
                t.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
