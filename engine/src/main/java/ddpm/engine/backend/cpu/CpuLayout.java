package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.address;
import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.LayoutOps;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.backend.LayoutOps.Squares;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cpu.memory.CpuMemory;
import ddpm.engine.backend.cpu.onednn.Dnnl;
import ddpm.engine.backend.cpu.onednn.StridedCopy;
import ddpm.engine.backend.cpu.team.Split;
import ddpm.engine.backend.cpu.team.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Copies between layouts, by oneDNN's reorder, and the sums of upsampling. */
public final class CpuLayout implements LayoutOps {
    private static final int FLOAT = Float.BYTES;
    /** Elements below which a block with too few outermost parts for all threads is left to those that have one. */
    private static final long SMALLEST_SPLIT = 1 << 15;

    private final Workers workers;
    private final CpuMemory memory;

    CpuLayout(Workers workers, CpuMemory memory) {
        this.workers = workers;
        this.memory = memory;
    }

    @Override
    public void concatChannels(long pixels, long ca, Buffer a, long cb, Buffer b, Buffer y) {
        channels(pixels, ca, address(a), ca, address(y), ca + cb);
        channels(pixels, cb, address(b), cb, address(y) + ca * FLOAT, ca + cb);
    }

    @Override
    public void sliceChannels(long pixels, long cx, long from, long cy, Buffer x, Buffer y) {
        channels(pixels, cy, address(x) + from * FLOAT, cx, address(y), cy);
    }

    @Override
    public void sliceChannelsBackward(long pixels, long cx, long from, long cy, Buffer dy, Buffer dx) {
        memory.zero(pixels * cx * FLOAT, dx);
        channels(pixels, cy, address(dy), cy, address(dx) + from * FLOAT, cx);
    }

    private void channels(long pixels, long c, long from, long fromStride, long to, long toStride) {
        copy(new long[] {pixels, c}, from, new long[] {fromStride, 1}, to, new long[] {toStride, 1});
    }

    @Override
    public void transpose(long batch, long rows, long columns, Buffer x, Buffer y) {
        long[] dims = {batch, rows, columns};
        long count = rows * columns;
        copy(dims, address(x), new long[] {count, columns, 1}, address(y), new long[] {count, 1, rows});
    }

    /** Copies a block, each thread a share of its outermost extent; of the next one where that is longer and all have work. */
    private void copy(long[] dims, long from, long[] fromStrides, long to, long[] toStrides) {
        boolean next = dims[0] < workers.threads() && Arrays.stream(dims).reduce(1, (a, b) -> a * b) >= SMALLEST_SPLIT;
        int axis = next && dims[1] > dims[0] ? 1 : 0;
        Split split = Split.of(dims[axis], workers.threads());
        workers.forEach(split.count(), (w, i) -> {
            long[] part = dims.clone();
            part[axis] = split.length(i);
            StridedCopy.run(
                    w.context(),
                    part,
                    from + split.from(i) * fromStrides[axis] * FLOAT,
                    fromStrides,
                    to + split.from(i) * toStrides[axis] * FLOAT,
                    toStrides);
        });
    }

    @Override
    public void stack(long n, Buffer a, Buffer b, Buffer c, Buffer y) {
        CpuMemory.copy(n * FLOAT, address(a), address(y));
        CpuMemory.copy(n * FLOAT, address(b), address(y) + n * FLOAT);
        CpuMemory.copy(n * FLOAT, address(c), address(y) + 2 * n * FLOAT);
    }

    @Override
    public void unstack(long n, Buffer y, Buffer a, Buffer b, Buffer c) {
        CpuMemory.copy(n * FLOAT, address(y), address(a));
        CpuMemory.copy(n * FLOAT, address(y) + n * FLOAT, address(b));
        CpuMemory.copy(n * FLOAT, address(y) + 2 * n * FLOAT, address(c));
    }

    @Override
    public void pad(Nhwc g, Padding padding, Buffer x, Buffer y) {
        Nhwc outer = padding.padded(g);
        memory.zero(outer.count() * FLOAT, y);
        images(g, address(x), Dnnl.strides(g), inside(outer, padding, y), Dnnl.strides(outer));
    }

    @Override
    public void crop(Nhwc g, Padding padding, Buffer x, Buffer y) {
        Nhwc inner = padding.cropped(g);
        images(inner, inside(g, padding, x), Dnnl.strides(g), address(y), Dnnl.strides(inner));
    }

    @Override
    public void upsample(Nhwc g, Buffer x, Buffer y) {
        long row = 2 * g.w() * g.c(); // elements of a row of y
        long[] strides = {2 * g.h() * row, 2 * row, 2 * g.c(), 1};
        for (long corner : new long[] {0, g.c(), row, row + g.c()}) {
            images(g, address(x), Dnnl.strides(g), address(y) + corner * FLOAT, strides);
        }
    }

    @Override
    public void upsampleBackward(Nhwc g, Buffer dy, Buffer dx) {
        int c = (int) g.c();
        int width = (int) (g.w() * g.c());
        FloatBuffer from = floats(dy);
        FloatBuffer to = floats(dx);
        workers.forEach(g.n() * g.h(), (w, row) -> {
            float[][] corners = w.floats(0, 4, width);
            int at = (int) row * 4 * width;
            for (int i = 0; i < width; i += c) {
                from.get(at + 2 * i, corners[0], i, c);
                from.get(at + 2 * i + c, corners[1], i, c);
                from.get(at + 2 * width + 2 * i, corners[2], i, c);
                from.get(at + 2 * width + 2 * i + c, corners[3], i, c);
            }
            sum(corners[0], corners[1], corners[2], corners[3], width);
            to.put((int) row * width, corners[0], 0, width);
        });
    }

    /** a = (a + b) + (c + d). */
    private static void sum(float[] a, float[] b, float[] c, float[] d, int n) {
        for (int i = 0; i < n; i++) {
            a[i] = (a[i] + b[i]) + (c[i] + d[i]);
        }
    }

    @Override
    public void depthToSpace(Squares g, Buffer x, Buffer y) {
        copy(extents(g), address(x), inSquares(g), address(y), inImage(g));
    }

    @Override
    public void spaceToDepth(Squares g, Buffer y, Buffer x) {
        copy(extents(g), address(y), inImage(g), address(x), inSquares(g));
    }

    /** Rows of squares, squares, rows of a square, and the elements of such a row: in both orders they lie side by side. */
    private static long[] extents(Squares g) {
        Nhwc image = g.image();
        return new long[] {image.n() * image.h() / g.side(), image.w() / g.side(), g.side(), g.side() * image.c()};
    }

    private static long[] inSquares(Squares g) {
        long line = g.side() * g.image().c();
        return new long[] {g.image().w() * line, g.side() * line, line, 1};
    }

    private static long[] inImage(Squares g) {
        long row = g.image().w() * g.image().c();
        return new long[] {g.side() * row, g.side() * g.image().c(), row, 1};
    }

    private void images(Nhwc g, long from, long[] fromStrides, long to, long[] toStrides) {
        copy(new long[] {g.n(), g.h(), g.w(), g.c()}, from, fromStrides, to, toStrides);
    }

    /** Address of the first pixel inside the padding. */
    private static long inside(Nhwc outer, Padding p, Buffer b) {
        return address(b) + (p.top() * outer.w() + p.left()) * outer.c() * FLOAT;
    }
}
