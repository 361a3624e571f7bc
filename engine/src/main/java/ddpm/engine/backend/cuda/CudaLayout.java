package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.LayoutOps;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.backend.LayoutOps.Squares;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Grid;
import ddpm.engine.backend.cuda.kernel.Launch;

/** Copies between layouts: concat.cu, transpose.cu, pad.cu, upsample.cu and squares.cu. */
final class CudaLayout implements LayoutOps {
    private static final int MOST_IMAGES = 65_535; // of a grid; blocks take more in turns
    private static final long LONGEST_RUN = 1024; // elements that a block moves without help from others
    private static final int TILE = 32; // rows and columns that a block of transpose.cu moves at once
    private static final long MOST_TILES = 1 << 20; // of a grid

    private final CudaKernel concat;
    private final CudaKernel slice;
    private final CudaKernel sliceBackward;
    private final CudaKernel transpose;
    private final CudaKernel stack;
    private final CudaKernel unstack;
    private final CudaKernel pad;
    private final CudaKernel upsample;
    private final CudaKernel upsampleBackward;
    private final CudaKernel depthToSpace;
    private final CudaKernel spaceToDepth;

    CudaLayout(CudaKernels kernels) {
        concat = kernels.get("concat_channels_f32");
        slice = kernels.get("slice_channels_f32");
        sliceBackward = kernels.get("slice_channels_backward_f32");
        transpose = kernels.get("transpose_f32");
        stack = kernels.get("stack_f32");
        unstack = kernels.get("unstack_f32");
        pad = kernels.get("pad_f32");
        upsample = kernels.get("upsample_f32");
        upsampleBackward = kernels.get("upsample_backward_f32");
        depthToSpace = kernels.get("depth_to_space_f32");
        spaceToDepth = kernels.get("space_to_depth_f32");
    }

    @Override
    public void concatChannels(long pixels, long ca, Buffer a, long cb, Buffer b, Buffer y) {
        concat.blocks(Grid.blocks(pixels * (ca + cb)))
                .threads(Grid.THREADS)
                .arg(a)
                .arg(b)
                .arg(y)
                .arg(pixels)
                .arg(Math.toIntExact(ca))
                .arg(Math.toIntExact(cb))
                .run();
    }

    @Override
    public void sliceChannels(long pixels, long cx, long from, long cy, Buffer x, Buffer y) {
        sliced(slice, pixels, cy, x, y, cx, from, cy);
    }

    @Override
    public void sliceChannelsBackward(long pixels, long cx, long from, long cy, Buffer dy, Buffer dx) {
        sliced(sliceBackward, pixels, cx, dy, dx, cx, from, cy);
    }

    private static void sliced(
            CudaKernel kernel, long pixels, long channels, Buffer in, Buffer out, long cx, long from, long cy) {
        long shares = Math.min(MOST_IMAGES, (channels + LONGEST_RUN - 1) / LONGEST_RUN);
        kernel.blocks(Math.max(1, Grid.blocks(pixels * channels) / shares), shares)
                .threads(Grid.THREADS)
                .arg(in)
                .arg(out)
                .arg(pixels)
                .arg(Math.toIntExact(cx))
                .arg(Math.toIntExact(from))
                .arg(Math.toIntExact(cy))
                .run();
    }

    @Override
    public void transpose(long batch, long rows, long columns, Buffer x, Buffer y) {
        long tiles = (rows + TILE - 1) / TILE * ((columns + TILE - 1) / TILE);
        transpose
                .blocks(Math.min(MOST_TILES, tiles), Math.min(batch, MOST_IMAGES))
                .threads(Grid.THREADS)
                .arg(x)
                .arg(y)
                .arg(Math.toIntExact(batch))
                .arg(Math.toIntExact(rows))
                .arg(Math.toIntExact(columns))
                .run();
    }

    @Override
    public void stack(long n, Buffer a, Buffer b, Buffer c, Buffer y) {
        Launch launch = stack.blocks(Grid.blocks(n)).threads(Grid.THREADS);
        launch.arg(a).arg(b).arg(c).arg(y).arg(n).run();
    }

    @Override
    public void unstack(long n, Buffer y, Buffer a, Buffer b, Buffer c) {
        Launch launch = unstack.blocks(Grid.blocks(n)).threads(Grid.THREADS);
        launch.arg(y).arg(a).arg(b).arg(c).arg(n).run();
    }

    @Override
    public void pad(Nhwc g, Padding padding, Buffer x, Buffer y) {
        shifted(g, padding.padded(g), padding.top(), padding.left(), x, y);
    }

    @Override
    public void crop(Nhwc g, Padding padding, Buffer x, Buffer y) {
        shifted(g, padding.cropped(g), -padding.top(), -padding.left(), x, y);
    }

    @Override
    public void upsample(Nhwc g, Buffer x, Buffer y) {
        doubled(upsample, g, x, y);
    }

    @Override
    public void upsampleBackward(Nhwc g, Buffer dy, Buffer dx) {
        doubled(upsampleBackward, g, dy, dx);
    }

    @Override
    public void depthToSpace(Squares g, Buffer x, Buffer y) {
        squares(depthToSpace, g, x, y);
    }

    @Override
    public void spaceToDepth(Squares g, Buffer y, Buffer x) {
        squares(spaceToDepth, g, y, x);
    }

    private static void squares(CudaKernel kernel, Squares g, Buffer in, Buffer out) {
        kernel.blocks(Grid.blocks(g.image().count()))
                .threads(Grid.THREADS)
                .arg(in)
                .arg(out)
                .arg(g.image().count())
                .arg(Math.toIntExact(g.image().w()))
                .arg(Math.toIntExact(g.image().c()))
                .arg(Math.toIntExact(g.side()))
                .run();
    }

    private static void doubled(CudaKernel kernel, Nhwc g, Buffer in, Buffer out) {
        kernel.blocks(Grid.blocks(g.pixels() * g.c()), Math.min(g.n(), MOST_IMAGES))
                .threads(Grid.THREADS)
                .arg(in)
                .arg(out)
                .arg(Math.toIntExact(g.n()))
                .arg(Math.toIntExact(g.h()))
                .arg(Math.toIntExact(g.w()))
                .arg(Math.toIntExact(g.c()))
                .run();
    }

    private void shifted(Nhwc from, Nhwc to, long top, long left, Buffer x, Buffer y) {
        pad.blocks(Grid.blocks(to.pixels() * to.c()), Math.min(to.n(), MOST_IMAGES))
                .threads(Grid.THREADS)
                .arg(x)
                .arg(y)
                .arg(Math.toIntExact(to.n()))
                .arg(Math.toIntExact(from.h()))
                .arg(Math.toIntExact(from.w()))
                .arg(Math.toIntExact(to.h()))
                .arg(Math.toIntExact(to.w()))
                .arg((int) top)
                .arg((int) left)
                .arg(Math.toIntExact(to.c()))
                .run();
    }
}
