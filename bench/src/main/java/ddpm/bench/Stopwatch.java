package ddpm.bench;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Clock;

/** Seconds that one operation takes: of a GPU by events around each of many launches, with caches emptied before each. */
final class Stopwatch {
    private static final long FLUSH_BYTES = 256L << 20; // more than any GPU's second-level cache
    private static final int LAUNCHES = 20;

    private Stopwatch() {}

    /** One of each run: a single one where the host waits for the result anyway. */
    static double[] seconds(Backend backend, Runnable op) {
        return seconds(backend, FLUSH_BYTES, op);
    }

    static double[] seconds(Backend backend, long flushBytes, Runnable op) {
        int runs = backend.asynchronous() ? LAUNCHES : 1;
        int[] from = new int[runs];
        int[] to = new int[runs];
        Buffer flush = backend.asynchronous() ? backend.memory().allocate(flushBytes) : null;
        try (Clock clock = backend.clock()) {
            for (int i = 0; i < runs; i++) {
                if (flush != null) {
                    backend.memory().zero(flush);
                }
                from[i] = clock.mark();
                op.run();
                to[i] = clock.mark();
            }
            backend.synchronize();
            double[] seconds = new double[runs];
            for (int i = 0; i < runs; i++) {
                seconds[i] = (clock.micros(to[i]) - clock.micros(from[i])) / 1e6;
            }
            return seconds;
        } finally {
            if (flush != null) {
                backend.memory().free(flush);
            }
        }
    }
}
