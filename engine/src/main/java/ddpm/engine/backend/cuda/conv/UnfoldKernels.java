package ddpm.engine.backend.cuda.conv;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Grid;
import ddpm.engine.backend.cuda.kernel.Launch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Windows of images as rows of a matrix, and rows summed back into images: unfold.cu. */
public final class UnfoldKernels {
    private static final int MOST_IMAGES = 65_535; // of a grid; blocks take more in turns
    private static final long MOST_ELEMENTS = 1 << 30; // of an image: an int counts beyond them, by a grid's stride

    private final CudaKernel unfold;
    private final CudaKernel fold;

    public UnfoldKernels(CudaKernels kernels) {
        unfold = kernels.get("unfold");
        fold = kernels.get("fold");
    }

    /**
     * rows[n,p,q,r,s,c] = x[n, p stride - padding + r, q stride - padding + s, c], 0 outside the image.
     *
     * @param images of the geometry's, from the first that x has behind its offset
     * @param x in, [images,H,W,C] from so many bytes behind the buffer's start
     * @param rows out, [images*P*Q, kh*kw*C]
     */
    void unfold(ConvSpec g, long images, CudaBuffer x, long offsetBytes, CudaBuffer rows) {
        launch(unfold, g, images, g.y().pixels() * taps(g))
                .arg(x, offsetBytes)
                .arg(rows)
                .arg(windows(g, images))
                .run();
    }

    /**
     * dx[n,h,w,c] = sum over the windows that hold it, in a fixed order.
     *
     * @param images of the geometry's, from the first that dx has behind its offset
     * @param rows in, [images*P*Q, kh*kw*C]
     * @param dx out, [images,H,W,C] from so many bytes behind the buffer's start
     */
    void fold(ConvSpec g, long images, CudaBuffer rows, CudaBuffer dx, long offsetBytes) {
        launch(fold, g, images, g.x().pixels())
                .arg(rows)
                .arg(dx, offsetBytes)
                .arg(windows(g, images))
                .run();
    }

    private static Launch launch(CudaKernel kernel, ConvSpec g, long images, long elements) {
        if (elements >= MOST_ELEMENTS) {
            throw new BackendException(
                    "cuda: convolution " + g + ": an image has " + elements
                            + " windows' elements, our kernels take fewer than " + MOST_ELEMENTS,
                    "use smaller images");
        }
        return kernel.blocks(Grid.blocks(elements * g.x().c()), Math.min(images, MOST_IMAGES))
                .threads(Grid.THREADS);
    }

    private static long taps(ConvSpec g) {
        return g.kernel().h() * g.kernel().w();
    }

    /** The struct Windows of unfold.cu. */
    private static ByteBuffer windows(ConvSpec g, long images) {
        long[] members = {
            images,
            g.x().h(),
            g.x().w(),
            g.x().c(),
            g.y().h(),
            g.y().w(),
            g.kernel().h(),
            g.kernel().w(),
            g.stride().h(),
            g.stride().w(),
            g.padding().h(),
            g.padding().w()
        };
        ByteBuffer struct = ByteBuffer.allocate(members.length * Integer.BYTES).order(ByteOrder.nativeOrder());
        for (long member : members) {
            struct.putInt(Math.toIntExact(member));
        }
        return struct.flip();
    }
}
