package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;

import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.kernel.Launch;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** bias.cu: biases, their gradient, and casts. */
@Tag("cuda")
@Tag("kernels")
class BiasKernelsTest {
    private static final double U = 0x1p-24;

    private static ExactMemory memory;
    private final Random random = new Random(7);

    @BeforeAll
    static void open() {
        memory = new ExactMemory();
    }

    @AfterAll
    static void close() {
        if (memory != null) {
            memory.close();
        }
    }

    /**
     * In bf16 a sum of two floats rounds once. Columns that divide neither the block nor the grid, in packs of four, two and
     * one; operands that begin one or two elements behind an address for packs.
     */
    @Test
    void addBias() {
        for (int columns : new int[] {1, 3, 11, 14, 32, 300}) {
            for (int rows : new int[] {1, 7, 64}) {
                for (int grid = 1; grid <= 3; grid += 2) {
                    addBias(rows, columns, grid, 0, 0);
                }
            }
        }
        addBias(7, 32, 1, 1, 0);
        addBias(7, 32, 1, 2, 0);
        addBias(7, 32, 1, 0, 1);
        addBias(7, 32, 1, 0, 2);
    }

    /** @param at first element of x and y @param biasAt of b */
    private void addBias(int rows, int columns, int grid, int at, int biasAt) {
        float[] x = LibraryFixture.toBf16(normals(rows * columns, random));
        float[] b = normals(columns, random);
        double[] want = new double[x.length];
        double[] tolerance = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            want[i] = (double) x[i] + b[i % columns];
            tolerance[i] = U * Math.abs(want[i]);
        }
        Cells bias = memory.upload(Storage.F32, biasAt, b);
        Cells y = memory.upload(Storage.F32, at, x);
        Launch inPlace = memory.kernels.get("add_bias").blocks(grid).threads(256);
        bias.arg(y.arg(inPlace)).arg((long) x.length).arg(columns).run();
        ExactMemory.near("add_bias " + rows + "x" + columns, want, memory.read(y), tolerance);
        Cells sum = memory.result(Storage.F32, at / 2, x.length); // aligned where only x is not, too
        Launch launch = memory.kernels.get("add_bias_bf16").blocks(grid).threads(256);
        sum.arg(bias.arg(memory.upload(Storage.BF16, at, x).arg(launch)))
                .arg((long) x.length)
                .arg(columns)
                .run();
        ExactMemory.near("add_bias_bf16 " + rows + "x" + columns, want, memory.read(sum), tolerance);
        memory.forget();
    }

    /** Parts that end within the rows and one that would end behind them; tiles of columns, the last not full. */
    @Test
    void sumRows() {
        for (int columns : new int[] {1, 2, 5, 32, 33, 70}) {
            for (int rows : new int[] {1, 8, 9, 100}) {
                for (int parts : new int[] {1, 3}) {
                    sumRows(rows, columns, Math.min(parts, rows));
                }
            }
        }
    }

    private void sumRows(int rows, int columns, int parts) {
        int perPart = (rows + parts - 1) / parts;
        float[] a = normals(rows * columns, random);
        double[] want = new double[parts * columns];
        double[] size = new double[want.length];
        for (int i = 0; i < a.length; i++) {
            int to = i / columns / perPart * columns + i % columns;
            want[to] += a[i];
            size[to] += perPart * U * Math.abs(a[i]);
        }
        int width = Math.min(32, Integer.highestOneBit(2 * columns - 1));
        Cells y = memory.result(Storage.F32, 0, want.length);
        Launch launch = memory.kernels
                .get("sum_rows")
                .blocks(parts, (columns + width - 1) / width)
                .threads(256);
        y.arg(memory.floats(a).arg(launch))
                .arg(rows)
                .arg(columns)
                .arg(perPart)
                .arg(width)
                .run();
        ExactMemory.near("sum_rows " + rows + "x" + columns + " in " + parts, want, memory.read(y), size);
        memory.forget();
    }

    @Test
    void casts() {
        for (int n : new int[] {1, 3, 4, 255, 256, 257, 1500, 4103}) {
            casts(n, 0, 0);
        }
        for (int at = 1; at < 4; at++) { // behind an address for packs: the one, the other, both
            casts(263, at, 0);
            casts(263, 0, at);
            casts(263, at, at);
        }
    }

    private void casts(int n, int from, int to) {
        double[] exact = new double[n];
        double[] want = new double[n];
        float[] x = normals(n, random);
        float[] nearest = LibraryFixture.toBf16(x);
        for (int i = 0; i < n; i++) {
            want[i] = nearest[i];
        }
        String what = " " + n + " from " + from + " to " + to;
        Cells half = memory.result(Storage.BF16, to, n);
        cast("cast_to_bf16", memory.upload(Storage.F32, from, x), half);
        ExactMemory.near("cast_to_bf16" + what, want, memory.read(half), exact);
        Cells back = memory.result(Storage.F32, from, n);
        cast("cast_from_bf16", half, back);
        ExactMemory.near("cast_from_bf16" + what, want, memory.read(back), exact);
        Cells rounded = memory.result(Storage.F32, to, n);
        cast("cast_round_bf16", memory.upload(Storage.F32, from, x), rounded);
        ExactMemory.near("cast_round_bf16" + what, want, memory.read(rounded), exact);
        memory.forget();
    }

    private static void cast(String name, Cells x, Cells y) {
        Launch launch = memory.kernels.get(name).blocks(2).threads(256);
        y.arg(x.arg(launch)).arg((long) x.count()).run();
    }
}
