package ddpm.train;

import ddpm.data.ImageSet;
import ddpm.data.Images;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.Optional;

/**
 * Brings the images of a training to where the device reads them: its own memory, or the host's where they are too many. A
 * mapped file is read in place by a CPU, and copied like arrays for a GPU.
 */
final class DeviceImages {
    /** Of the memory that is free before the model is made: a training step needs the rest. */
    static final double DEVICE_SHARE = 0.25;

    /** Bytes copied at a time: no second copy of all images is made. */
    private static final int BLOCK = 1 << 20;

    private DeviceImages() {}

    /** U8 [images,H,W,C] in {@code scope}; {@code set} is not needed any more. */
    static Tensor upload(ImageSet set, Scope scope) {
        Shape shape = Shape.of(new Nhwc(set.count(), set.height(), set.width(), set.channels()));
        Backend backend = scope.backend();
        if (set.pixels() instanceof Images.Mapped mapped) {
            Optional<Tensor> inPlace = scope.lent(shape, mapped.file());
            if (inPlace.isPresent()) {
                return inPlace.get();
            }
        }
        boolean fits = shape.count() <= DEVICE_SHARE * backend.memory().availableBytes();
        Tensor images = fits ? scope.allocate(shape, DType.U8, false) : scope.onHost(shape, DType.U8);
        int length = set.length();
        int perBlock = Math.max(1, BLOCK / length);
        for (int first = 0; first < set.count(); first += perBlock) {
            byte[] block = block(set, first, Math.min(perBlock, set.count() - first), length);
            backend.memory().upload(block, images.buffer(), (long) first * length);
        }
        return images;
    }

    /** The label of each image, I32 [images], for a model that knows classes; null for another. */
    static Tensor labels(ImageSet set, int classes, Scope scope) {
        if (classes == 0) {
            return null;
        }
        return scope.tensor(Shape.of(set.count()), set.classes().of());
    }

    private static byte[] block(ImageSet set, int first, int count, int length) {
        byte[] block = new byte[count * length];
        for (int i = 0; i < count; i++) {
            set.pixels().copy(first + i, block, i * length);
        }
        return block;
    }
}
