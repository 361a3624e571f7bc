package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.address;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.LayoutOps;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cpu.memory.CpuMemory;
import ddpm.engine.backend.cpu.onednn.Dnnl;
import ddpm.engine.backend.cpu.onednn.StridedCopy;
import ddpm.engine.backend.cpu.team.Split;
import ddpm.engine.backend.cpu.team.Workers;

/** Copies between layouts, all by oneDNN's reorder. */
public final class CpuLayout implements LayoutOps {
    private static final int FLOAT = Float.BYTES;

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

    /** Copies a block, each thread a share of its outermost extent. */
    private void copy(long[] dims, long from, long[] fromStrides, long to, long[] toStrides) {
        Split split = Split.of(dims[0], workers.threads());
        workers.forEach(split.count(), (w, i) -> {
            long[] part = dims.clone();
            part[0] = split.length(i);
            StridedCopy.run(
                    w.context(),
                    part,
                    from + split.from(i) * fromStrides[0] * FLOAT,
                    fromStrides,
                    to + split.from(i) * toStrides[0] * FLOAT,
                    toStrides);
        });
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

    private void images(Nhwc g, long from, long[] fromStrides, long to, long[] toStrides) {
        copy(new long[] {g.n(), g.h(), g.w(), g.c()}, from, fromStrides, to, toStrides);
    }

    /** Address of the first pixel inside the padding. */
    private static long inside(Nhwc outer, Padding p, Buffer b) {
        return address(b) + (p.top() * outer.w() + p.left()) * outer.c() * FLOAT;
    }
}
