package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static java.lang.Math.max;
import static java.lang.Math.sqrt;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.NormOps.GroupNorm;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.ArrayReference;
import ddpm.engine.testing.Case;
import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OnEachPrecision;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.Reference;
import java.util.Arrays;
import java.util.List;

class MatmulOpsTest {
    private static final Data PLAIN = normal(0, 1);

    /** One row, one column, one term, odd extents, and extents beyond any block. */
    @OnEachPrecision
    void matmul(Device device) {
        for (int[] mkn :
                new int[][] {{1, 1, 1}, {1, 5, 3}, {4, 1, 7}, {7, 3, 1}, {2, 17, 33}, {65, 31, 13}, {130, 257, 67}}) {
            for (Data data : List.of(PLAIN, normal(100, 1), normal(0, 1e-3))) {
                matmul(device, mkn[0], mkn[1], mkn[2], data);
            }
        }
    }

    private static void matmul(Device device, int m, int k, int n, Data data) {
        OpCheck.on(device, "matmul")
                .input("a", data, m, k)
                .input("b", PLAIN, k, n)
                .reference(in -> Reference.matmul(m, k, n, in.get("a"), in.b()))
                .op(in -> in.get("a").matmul(in.b()))
                .quadratic()
                .entries(6)
                .sum("y", k, c -> c.sumOf(c.rms("a") * c.rms("b")))
                .sum("da", n, c -> c.sumOf(c.rms("dy") * c.rms("b")))
                .sum("db", m, c -> c.sumOf(c.rms("a") * c.rms("dy")))
                .tolerance(MatmulOpsTest::products)
                .checkForwardAndGradients();
    }

    /** One matrix, fewer and more than threads, one row, and extents beyond any block. */
    @OnEachPrecision
    void batchedMatmul(Device device) {
        for (int[] g : new int[][] {
            {1, 2, 3, 4}, {1, 65, 70, 67}, {5, 1, 1, 1}, {3, 1, 7, 5}, {2, 33, 17, 9}, {19, 8, 31, 6}, {2, 65, 70, 67}
        }) {
            for (Data data : List.of(PLAIN, normal(100, 1), normal(0, 1e-3))) {
                batchedMatmul(device, g[0], g[1], g[2], g[3], data);
            }
        }
    }

    private static void batchedMatmul(Device device, int batch, int m, int k, int n, Data data) {
        OpCheck.on(device, "batchedMatmul")
                .input("a", data, batch, m, k)
                .input("b", PLAIN, batch, k, n)
                .reference(in -> ArrayReference.batchedMatmul(batch, m, k, n, in.get("a"), in.b()))
                .op(in -> in.get("a").matmul(in.b()))
                .quadratic()
                .entries(6)
                .sum("y", k, c -> c.sumOf(c.rms("a") * c.rms("b")))
                .sum("da", n, c -> c.sumOf(c.rms("dy") * c.rms("b")))
                .sum("db", m, c -> c.sumOf(c.rms("a") * c.rms("dy")))
                .tolerance(MatmulOpsTest::products)
                .checkForwardAndGradients();
    }

    /** Heads of images: all extents but the last two count the matrices, and each is what it is alone. */
    @OnEachDevice
    void aBatchOfTwoExtents(Device device) {
        try (Scope s = Scope.on(device.backend())) {
            Tensor a = s.tensor(Shape.of(2, 1, 2, 2), new float[] {1, 2, 3, 4, 5, 6, 7, 8});
            Tensor b = s.tensor(Shape.of(2, 1, 2, 1), new float[] {1, 10, 100, 1000});
            Tensor y = a.matmul(b);
            assertEquals(Shape.of(2, 1, 2, 1), y.shape());
            assertArrayEquals(new float[] {21, 43, 6500, 8700}, y.toFloats());
        }
    }

    /** x of two, three and four extents; the time projection has few rows, attention's projections many. */
    @OnEachPrecision
    void linear(Device device) {
        for (long[] shape :
                new long[][] {{1, 1}, {3, 24}, {2, 7, 5}, {2, 3, 5, 6}, {1, 7, 9, 8}, {4, 25, 32}, {2, 19, 23, 40}}) {
            for (int out : new int[] {1, 3, 16, 65}) {
                for (Data data : List.of(PLAIN, normal(100, 1), normal(0, 1e-3))) {
                    linear(device, shape, out, data);
                }
            }
        }
    }

    /** More values than any block of a sum over rows: the bias gradient, and one column. */
    @OnEachDevice
    void linearOfManyRows(Device device) {
        linear(device, new long[] {2, 35, 37, 5}, 65, PLAIN);
        linear(device, new long[] {70_001, 2}, 1, PLAIN);
    }

    private static void linear(Device device, long[] shape, int out, Data data) {
        int in = (int) shape[shape.length - 1];
        long rows = Arrays.stream(shape).reduce(1, (a, b) -> a * b) / in;
        OpCheck.on(device, "linear")
                .input("x", data, shape)
                .input("w", normal(0, 1 / sqrt(in)), out, in)
                .input("b", PLAIN, out)
                .reference(i -> Reference.linear(in, out, i.x(), i.w(), i.b()))
                .op(i -> i.x().linear(i.w(), i.b()))
                .quadratic()
                .entries(4)
                .sum("y", in + 1, c -> c.sumOf(c.rms("x") * c.rms("w")))
                .sum("dx", out, c -> c.sumOf(c.rms("w") * c.rms("dy")))
                .sum("dw", rows, c -> c.sumOf(c.rms("x") * c.rms("dy")))
                .sum("db", rows, c -> c.sumOf(c.rms("dy")))
                .tolerance(MatmulOpsTest::products)
                .checkForwardAndGradients();
    }

    /** x stored for products by the norm in front: one row, rows that no thread or chunk gets as many of, and many chunks. */
    @OnEachPrecision
    void linearOfAStoredNorm(Device device) {
        for (Nhwc x :
                List.of(new Nhwc(1, 1, 1, 8), new Nhwc(2, 3, 5, 24), new Nhwc(3, 7, 7, 16), new Nhwc(2, 67, 65, 8))) {
            for (int out : new int[] {1, 33, 65}) {
                linearOfAStoredNorm(device, x, out);
            }
        }
    }

    private static void linearOfAStoredNorm(Device device, Nhwc x, int out) {
        GroupNorm g = new GroupNorm(x, 4, 1e-3f);
        int c = (int) x.c();
        OpCheck.on(device, "linear of a stored norm")
                .input("x", PLAIN, x.n(), x.h(), x.w(), c)
                .input("gamma", normal(1, 0.3), c)
                .input("beta", PLAIN, c)
                .input("w", normal(0, 1 / sqrt(c)), out, c)
                .input("b", PLAIN, out)
                .reference(
                        i -> Reference.linear(c, out, Reference.groupNorm(g, i.x(), i.gamma(), i.beta()), i.w(), i.b()))
                .op(i -> i.x().groupNormOperand(i.gamma(), i.beta(), 4, g.eps()).linear(i.w(), i.b()))
                .entries(4)
                .sum("y", c + 1, k -> k.sumOf((k.max("gamma") + k.max("beta")) * k.rms("w")))
                .sum("dx", x.pixels() * c / 4, k -> sqrt(out) * k.max("gamma") * k.rms("w") * k.max("dy"))
                .sum("dgamma", x.n() * x.pixels() * out, k -> k.sumOf(k.rms("w") * k.rms("dy")))
                .sum("dbeta", x.n() * x.pixels() * out, k -> k.sumOf(k.rms("w") * k.rms("dy")))
                .sum("dw", x.n() * x.pixels(), k -> k.sumOf((k.max("gamma") + k.max("beta")) * k.rms("dy")))
                .sum("db", x.n() * x.pixels(), k -> k.sumOf(k.rms("dy")))
                .tolerance(MatmulOpsTest::products)
                .checkForwardAndGradients();
    }

    /**
     * Operands round at u, each term on its own, so that their sum is off by u times what it reaches; partial sums of K terms
     * round at U: a running sum of independent terms is off by sqrt(K / 2) U times what it reaches. Among thousands of results
     * some are off by four or five times that.
     */
    private static double products(Case c) {
        return 4 * max(c.u(), U * sqrt(c.terms())) * c.scale();
    }
}
