package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.LayoutOps;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Grid;

/** Copies between layouts: concat.cu and pad.cu. */
final class CudaLayout implements LayoutOps {
    private static final int MOST_IMAGES = 65_535; // of a grid; blocks take more in turns

    private final CudaKernel concat;
    private final CudaKernel slice;
    private final CudaKernel sliceBackward;
    private final CudaKernel pad;

    CudaLayout(CudaKernels kernels) {
        concat = kernels.get("concat_channels_f32");
        slice = kernels.get("slice_channels_f32");
        sliceBackward = kernels.get("slice_channels_backward_f32");
        pad = kernels.get("pad_f32");
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
        kernel.blocks(Grid.blocks(pixels * channels))
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
    public void pad(Nhwc g, Padding padding, Buffer x, Buffer y) {
        shifted(g, padding.padded(g), padding.top(), padding.left(), x, y);
    }

    @Override
    public void crop(Nhwc g, Padding padding, Buffer x, Buffer y) {
        shifted(g, padding.cropped(g), -padding.top(), -padding.left(), x, y);
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
