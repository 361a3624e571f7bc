package ddpm.engine.backend.cpu.conv;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.address;
import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.memory.Address;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.memory.CpuMemory;
import ddpm.engine.backend.cpu.onednn.Dnnl;
import ddpm.engine.backend.cpu.onednn.MatrixProduct;
import ddpm.engine.backend.cpu.onednn.Primitive;
import ddpm.engine.backend.cpu.onednn.StridedCopy;
import ddpm.engine.backend.cpu.team.Rows;
import ddpm.engine.backend.cpu.team.Split;
import ddpm.engine.backend.cpu.team.Worker;
import ddpm.engine.backend.cpu.team.Workers;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.javacpp.Pointer;

/**
 * The gradient of a convolution's weights in bf16 as one matrix product for each tap of its kernel: dW[o,tap,i] = sum over
 * places p of dY[o,p] X[p + shift(tap),i]. The places are a grid, each row of pixels followed by zeros as wide as the
 * padding, each image by such rows: then a tap is only another address of X, and no image sees its neighbour.
 *
 * <p>oneDNN's own pass fills the tiles of AMX, 32 long, with one row of pixels at a time, and images of 7x7 use 7 of 32.
 * Measured for the U-Net's shapes in docs/decisions/0012.
 */
final class TapProducts {
    /** Rows of pixels from which on oneDNN's own pass is as fast. */
    private static final long TOO_WIDE = 9;

    private static final int BF16_BYTES = 2;
    private static final long FEWEST_ROWS = 16; // of a product, one thread's share of the output channels

    private final Workers workers;
    private final CpuMemory memory;
    private final Rows rows;

    TapProducts(Workers workers, CpuMemory memory) {
        this.workers = workers;
        this.memory = memory;
        this.rows = new Rows(workers);
    }

    /** Whether this way is open to a convolution, and shorter. */
    static boolean pays(ConvSpec g, Precision precision) {
        Hw kernel = g.kernel();
        return precision == Precision.BF16
                && !g.transposed()
                && g.stride().equals(Hw.square(1))
                && kernel.h() == 2 * g.padding().h() + 1
                && kernel.w() == 2 * g.padding().w() + 1
                && kernel.h() * kernel.w() > 1
                && g.x().w() < TOO_WIDE;
    }

    /** Where pixels lie on the grid. */
    private record Grid(ConvSpec g) {
        long pitch() {
            return g.x().w() + g.padding().w();
        }

        /** Places of an image. */
        long image() {
            return (g.x().h() + g.padding().h()) * pitch();
        }

        long taps() {
            return g.kernel().h() * g.kernel().w();
        }

        long places() {
            return g.x().n() * image();
        }

        /** Zeros before the first place and behind the last, for the taps that reach there. */
        long margin() {
            return g.padding().h() * pitch() + g.padding().w();
        }
    }

    void run(ConvSpec g, Buffer x, Buffer dy, Buffer dw, Buffer db) {
        Grid grid = new Grid(g);
        long xBytes = (grid.places() + 2 * grid.margin()) * g.x().c() * BF16_BYTES;
        long dyBytes = grid.places() * g.y().c() * BF16_BYTES;
        CpuBuffer operands = memory.allocate(xBytes + dyBytes);
        try {
            zero(operands.address(), xBytes + dyBytes);
            long dyGrid = operands.address() + xBytes;
            long xGrid = operands.address() + grid.margin() * g.x().c() * BF16_BYTES;
            copy(grid, address(x), xGrid, address(dy), dyGrid);
            multiply(grid, xGrid, dyGrid, address(dw));
        } finally {
            memory.free(operands);
        }
        rows.sum(1, g.y().n() * g.y().pixels(), g.y().c(), dy, db);
    }

    private void zero(long address, long bytes) {
        Split split = Split.of(bytes, workers.threads());
        workers.forEach(
                split.count(),
                (w, i) -> Pointer.memset(new Address().set(address + split.from(i)), 0, split.length(i)));
    }

    /** X as [places,I], dY as [O,places]: each thread some images. */
    private void copy(Grid grid, long x, long xGrid, long dy, long dyGrid) {
        ConvSpec g = grid.g();
        Split split = Split.of(g.x().n(), workers.threads());
        workers.forEach(split.count(), (w, i) -> {
            long first = split.from(i);
            long count = split.length(i);
            long place = first * grid.image();
            Nhwc of = g.x().withN(count);
            long[] plain = {of.c(), 1};
            pixels(w, grid, g.operand(), of, plain).run(x + first * g.xBytes(), xGrid + place * of.c() * BF16_BYTES);
            long[] transposed = {1, grid.places()};
            pixels(w, grid, Precision.FP32, g.y().withN(count), transposed)
                    .run(dy + first * g.yBytes(), dyGrid + place * BF16_BYTES);
        });
    }

    private record CopyKey(String kind, Nhwc images, Grid grid, boolean transposed) {}

    /** Images onto the grid, in bf16; strides of a place and of a channel there. */
    private static Primitive pixels(Worker w, Grid grid, Precision stored, Nhwc of, long[] strides) {
        return w.context().get(new CopyKey("to the grid", of, grid, strides[0] == 1), () -> {
            long[] extents = {of.n(), of.h(), of.w(), of.c()};
            long[] to = {grid.image() * strides[0], grid.pitch() * strides[0], strides[0], strides[1]};
            return StridedCopy.primitive(
                    w.context(),
                    Dnnl.strided(Dnnl.operandType(stored), extents, Dnnl.strides(of)),
                    Dnnl.strided(dnnl_bf16, extents, to));
        });
    }

    /** Each thread some output channels, in sums over all places: the bits do not depend on the number of threads. */
    private void multiply(Grid grid, long xGrid, long dyGrid, long dw) {
        ConvSpec g = grid.g();
        long in = g.x().c();
        long taps = grid.taps();
        Split split = Split.of(g.y().c(), workers.threads(), FEWEST_ROWS);
        workers.forEach(split.count(), (w, i) -> {
            Primitive product = product(w, split.length(i), grid);
            long a = dyGrid + split.from(i) * grid.places() * BF16_BYTES;
            for (long tap = 0; tap < taps; tap++) {
                long down = tap / g.kernel().w() - g.padding().h();
                long right = tap % g.kernel().w() - g.padding().w();
                long b = xGrid + (down * grid.pitch() + right) * in * BF16_BYTES;
                product.run(a, b, dw + (split.from(i) * taps + tap) * in * Float.BYTES);
            }
        });
    }

    private record ProductKey(String kind, long channels, Grid grid) {}

    /** [channels,places] [places,I] into every taps-th row of [channels * taps,I]. */
    private static Primitive product(Worker w, long channels, Grid grid) {
        return w.context().get(new ProductKey("tap Matmul", channels, grid), () -> {
            long in = grid.g().x().c();
            dnnl_memory_desc a =
                    Dnnl.strided(dnnl_bf16, new long[] {channels, grid.places()}, new long[] {grid.places(), 1});
            dnnl_memory_desc b = Dnnl.strided(dnnl_bf16, new long[] {grid.places(), in}, new long[] {in, 1});
            dnnl_memory_desc y = Dnnl.strided(new long[] {channels, in}, new long[] {grid.taps() * in, 1});
            return MatrixProduct.of(w.context(), a, b, y, MatrixProduct::nothing);
        });
    }
}
