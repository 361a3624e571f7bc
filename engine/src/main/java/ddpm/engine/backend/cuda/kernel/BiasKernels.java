package ddpm.engine.backend.cuda.kernel;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.memory.Scratch;

/** The kernels of {@code bias.cu}: what stands around the products of cuBLAS and the convolutions of cuDNN. */
public final class BiasKernels {
    public static final int BF16_BYTES = Short.BYTES;

    private static final int THREADS = 256;
    private static final long MOST_BLOCKS = 1024; // fill the largest GPU; beyond that a thread takes several packs
    private static final int WIDEST_TILE = 32;
    private static final long MOST_PARTS = 256;
    private static final long LEAST_ROWS = 256; // of a part: fewer are summed faster than a second launch starts

    private final CudaMemory memory;
    private final CudaKernel addBias;
    private final CudaKernel addBiasBf16;
    private final CudaKernel sumRows;
    private final CudaKernel toBf16;
    private final CudaKernel fromBf16;
    private final CudaKernel roundBf16;

    public BiasKernels(CudaKernels kernels, CudaMemory memory) {
        this.memory = memory;
        this.addBias = kernels.get("add_bias");
        this.addBiasBf16 = kernels.get("add_bias_bf16");
        this.sumRows = kernels.get("sum_rows");
        this.toBf16 = kernels.get("cast_to_bf16");
        this.fromBf16 = kernels.get("cast_from_bf16");
        this.roundBf16 = kernels.get("cast_round_bf16");
    }

    /** y += b in every row. @param y in and out, [rows,columns] @param b in, [columns] */
    public void addBias(long rows, long columns, Buffer y, Buffer b) {
        long n = rows * columns;
        each(addBias, n).arg(y).arg(b).arg(n).arg(Math.toIntExact(columns)).run();
    }

    /** y = x + b in every row. @param x in, bf16 [rows,columns] @param b in, [columns] @param y out, [rows,columns] */
    public void addBiasBf16(long rows, long columns, Buffer x, Buffer b, Buffer y) {
        long n = rows * columns;
        each(addBiasBf16, n)
                .arg(x)
                .arg(b)
                .arg(y)
                .arg(n)
                .arg(Math.toIntExact(columns))
                .run();
    }

    /** y = bf16(x), to nearest. @param n elements @param y out, bf16 */
    public void toBf16(long n, Buffer x, Buffer y) {
        each(toBf16, n).arg(x).arg(y).arg(n).run();
    }

    /** y = x. @param n elements @param x in, bf16 */
    public void fromBf16(long n, Buffer x, Buffer y) {
        each(fromBf16, n).arg(x).arg(y).arg(n).run();
    }

    /** y = the nearest bf16 of x, as a float. @param n elements */
    public void roundBf16(long n, Buffer x, Buffer y) {
        each(roundBf16, n).arg(x).arg(y).arg(n).run();
    }

    private static Launch each(CudaKernel kernel, long n) {
        return kernel.blocks(Math.min(MOST_BLOCKS, Grid.blocks(n))).threads(THREADS);
    }

    /**
     * y[j] = sum over rows of a[i,j]: parts of the rows first, then the parts. The split depends on the number of rows
     * alone, so the order of every sum is the same on every GPU.
     *
     * @param a in, [rows,columns]
     * @param y out, [columns]
     */
    public void sumRows(long rows, long columns, Buffer a, Buffer y) {
        long parts = Math.min(MOST_PARTS, (rows + LEAST_ROWS - 1) / LEAST_ROWS);
        if (parts == 1) {
            sumParts(1, rows, columns, a, y);
            return;
        }
        try (Scratch scratch = new Scratch(memory)) {
            CudaBuffer sums = scratch.allocate(parts * columns * Float.BYTES);
            sumParts(parts, rows, columns, a, sums);
            sumParts(1, parts, columns, sums, y);
        }
    }

    private void sumParts(long parts, long rows, long columns, Buffer a, Buffer y) {
        int width = Math.min(WIDEST_TILE, Integer.highestOneBit(Math.toIntExact(2 * columns - 1)));
        long tiles = (columns + width - 1) / width;
        sumRows.blocks(parts, tiles)
                .threads(THREADS)
                .arg(a)
                .arg(y)
                .arg(Math.toIntExact(rows))
                .arg(Math.toIntExact(columns))
                .arg(Math.toIntExact((rows + parts - 1) / parts))
                .arg(width)
                .run();
    }
}
