package ddpm.bench;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.backend.cuda.CudaInfo;
import ddpm.engine.random.Stream;
import java.util.Arrays;

/**
 * What this machine can do, measured: the backend's copy of memory no cache holds, and the product of two large matrices in
 * the backend's precision.
 *
 * @param bytes a second, read and written
 * @param flop a second
 */
record Ceiling(double bytes, double flop) {
    private static final int TRIES = 5; // the best counts: a ceiling is what was reached

    /** @throws IllegalStateException on the simulator */
    static Ceiling of(Backend backend) {
        if (backend.name().equals("cuda") && CudaInfo.simulated()) {
            throw new IllegalStateException(
                    "this is the CUDA simulator, whose times mean nothing; it needs a real GPU");
        }
        boolean gpu = backend.asynchronous();
        return new Ceiling(copy(backend, gpu ? 512L << 20 : 128L << 20), product(backend, gpu ? 8192 : 2048));
    }

    /** The same at sizes for which the times mean nothing, also on the simulator. */
    static Ceiling rehearsed(Backend backend) {
        return new Ceiling(copy(backend, 1 << 16), product(backend, 64));
    }

    private static double copy(Backend backend, long bytes) {
        Buffer from = backend.memory().allocate(bytes);
        Buffer to = backend.memory().allocate(bytes);
        backend.memory().zero(from);
        double best = best(backend, () -> backend.memory().copy(bytes, from, to));
        backend.memory().free(from);
        backend.memory().free(to);
        return 2.0 * bytes / best;
    }

    private static double product(Backend backend, long n) {
        long bytes = n * n * Float.BYTES;
        Buffer a = backend.memory().allocate(bytes);
        Buffer b = backend.memory().allocate(bytes);
        Buffer y = backend.memory().allocate(bytes);
        // random, because a GPU runs faster where few bits change
        backend.random().normal(1, Stream.INIT, 0, 0, n, n, a);
        backend.random().normal(2, Stream.INIT, 0, 0, n, n, b);
        Matmul g = new Matmul(n, n, n, false, false);
        double best = best(backend, () -> backend.matmul().matmul(g, a, b, y));
        backend.memory().free(a);
        backend.memory().free(b);
        backend.memory().free(y);
        return 2.0 * n * n * n / best;
    }

    private static double best(Backend backend, Runnable op) {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            best = Math.min(
                    best, Arrays.stream(Stopwatch.seconds(backend, op)).min().orElseThrow());
        }
        return best;
    }
}
