package ddpm.engine.tensor;

import ddpm.engine.backend.Hw;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.ops.AvgPool2dOp;
import ddpm.engine.ops.CropOp;
import ddpm.engine.ops.DepthToSpaceOp;
import ddpm.engine.ops.MaxPool2dOp;
import ddpm.engine.ops.MeanPixelsOp;
import ddpm.engine.ops.PadOp;
import ddpm.engine.ops.UpsampleOp;

/** The methods of {@link Tensor} that know rows and columns of images [N,H,W,C] and have no weights; each is documented at its op. */
public sealed interface ImageOperations permits Tensor {
    /** The largest of each window of {@code window} x {@code window} pixels, {@code stride} apart. */
    default Tensor maxPool2d(int window, int stride) {
        return MaxPool2dOp.apply((Tensor) this, Hw.square(window), Hw.square(stride));
    }

    /** The mean of each window of {@code window} x {@code window} pixels, {@code stride} apart. */
    default Tensor avgPool2d(int window, int stride) {
        return AvgPool2dOp.apply((Tensor) this, Hw.square(window), Hw.square(stride));
    }

    /** The mean of each image's pixels, [N,C]. */
    default Tensor meanPixels() {
        return MeanPixelsOp.apply((Tensor) this);
    }

    default Tensor pad(Padding padding) {
        return PadOp.apply((Tensor) this, padding);
    }

    default Tensor crop(Padding padding) {
        return CropOp.apply((Tensor) this, padding);
    }

    /** Each pixel four times: height and width doubled. */
    default Tensor upsample() {
        return UpsampleOp.apply((Tensor) this);
    }

    /** Pixels of block*block*C channels as squares of pixels of C. */
    default Tensor depthToSpace(int block) {
        return DepthToSpaceOp.apply((Tensor) this, block);
    }
}
