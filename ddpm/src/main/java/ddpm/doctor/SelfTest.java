package ddpm.doctor;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.backend.Recorder;
import ddpm.engine.ops.Conv2dOp;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.Random;

/**
 * A product, a convolution and a recorded product of a backend against plain loops.
 *
 * @param name of the computation
 * @param worst largest difference, as a share of {@code tolerance}
 * @param micros of one run, the best of several, µs
 */
record SelfTest(String name, double worst, double micros) {
    private static final int RUNS = 5;

    // rows, inner and columns of the product; extents of the convolution
    private static final int M = 65;
    private static final int K = 96;
    private static final int N = 33;
    private static final int SIDE = 14;
    private static final int IN = 16;
    private static final int OUT = 24;
    private static final int KERNEL = 3;

    boolean passed() {
        return worst <= 1;
    }

    static SelfTest matmul(Backend backend) {
        float[] a = normals(1, M * K);
        float[] b = normals(2, K * N);
        try (Scope scope = Scope.on(backend)) {
            Tensor ta = scope.tensor(Shape.of(M, K), a);
            Tensor tb = scope.tensor(Shape.of(K, N), b);
            return compare("matrix product", backend, K, product(a, b), () -> ta.matmul(tb));
        }
    }

    /** The product again, recorded in the second run and replayed in all later ones. */
    static SelfTest graph(Backend backend) {
        float[] a = normals(6, M * K);
        float[] b = normals(7, K * N);
        Matmul g = new Matmul(M, K, N, false, false);
        try (Scope scope = Scope.on(backend);
                Recorder recorder = backend.recorder()) {
            Tensor ta = scope.tensor(Shape.of(M, K), a);
            Tensor tb = scope.tensor(Shape.of(K, N), b);
            Tensor y = scope.empty(Shape.of(M, N));
            return compare("recorded graph", backend, K, product(a, b), () -> {
                backend.memory().zero(y.buffer());
                recorder.run("product", () -> backend.matmul().matmul(g, ta.buffer(), tb.buffer(), y.buffer()));
                Tensor copy = scope.empty(Shape.of(M, N));
                backend.memory().copy((long) M * N * Float.BYTES, y.buffer(), copy.buffer());
                return copy;
            });
        }
    }

    private static double[] product(float[] a, float[] b) {
        double[] want = new double[M * N];
        for (int i = 0; i < M; i++) {
            for (int j = 0; j < N; j++) {
                for (int k = 0; k < K; k++) {
                    want[i * N + j] += (double) a[i * K + k] * b[k * N + j];
                }
            }
        }
        return want;
    }

    static SelfTest convolution(Backend backend) {
        float[] x = normals(3, SIDE * SIDE * IN);
        float[] w = normals(4, OUT * KERNEL * KERNEL * IN);
        float[] bias = normals(5, OUT);
        try (Scope scope = Scope.on(backend)) {
            Tensor tx = scope.tensor(Shape.of(1, SIDE, SIDE, IN), x);
            Tensor tw = scope.tensor(Shape.of(OUT, KERNEL, KERNEL, IN), w);
            Tensor tb = scope.tensor(Shape.of(OUT), bias);
            Hw one = new Hw(1, 1);
            return compare(
                    "convolution",
                    backend,
                    KERNEL * KERNEL * IN,
                    convolved(x, w, bias),
                    () -> Conv2dOp.apply(tx, tw, tb, one, one));
        }
    }

    private static double[] convolved(float[] x, float[] w, float[] bias) {
        double[] y = new double[SIDE * SIDE * OUT];
        for (int at = 0; at < y.length; at++) {
            int o = at % OUT;
            int column = at / OUT % SIDE;
            int row = at / OUT / SIDE;
            y[at] = bias[o];
            for (int tap = 0; tap < KERNEL * KERNEL; tap++) {
                int r = row + tap / KERNEL - 1;
                int c = column + tap % KERNEL - 1;
                if (r < 0 || r >= SIDE || c < 0 || c >= SIDE) {
                    continue;
                }
                for (int i = 0; i < IN; i++) {
                    y[at] += (double) x[(r * SIDE + c) * IN + i] * w[(o * KERNEL * KERNEL + tap) * IN + i];
                }
            }
        }
        return y;
    }

    private interface Op {
        Tensor run();
    }

    /** @param terms summed in one result, each the product of two standard normals */
    private static SelfTest compare(String name, Backend backend, int terms, double[] want, Op op) {
        double micros = Double.MAX_VALUE;
        float[] got = {};
        for (int i = 0; i < RUNS; i++) {
            long began = System.nanoTime();
            Tensor y = op.run();
            backend.synchronize();
            micros = Math.min(micros, (System.nanoTime() - began) / 1e3);
            got = y.toFloats();
            y.release();
        }
        // rounding errors add up like a random walk; 8 sigma
        double tolerance = 8 * backend.precision().unitRoundoff() * terms;
        double worst = got.length == want.length ? 0 : Double.NaN;
        for (int i = 0; i < got.length && i < want.length; i++) {
            worst = Math.max(worst, Math.abs(got[i] - want[i]) / tolerance); // NaN stays
        }
        return new SelfTest(name, worst, micros);
    }

    private static float[] normals(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
