package ddpm.engine.nn;

import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * Brings tensors from the device one after the other, each over the one before: a model's worth of arrays would double the
 * memory of a training while it saves.
 */
final class Fetch {
    private final Map<Integer, float[]> arrays = new HashMap<>(); // by length; a model has few different ones
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    /** The values of {@code p}, or of a tensor that belongs to it, in the file's layout; valid until the next call. */
    HostTensor of(Parameter p, Tensor t) {
        int count = Math.toIntExact(t.count());
        float[] values = arrays.computeIfAbsent(count, float[]::new);
        t.backend().memory().download(t.buffer(), values);
        if (bytes.capacity() < count * Float.BYTES) {
            bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        }
        bytes.limit(count * Float.BYTES);
        p.layout().toFile(t.shape(), values, bytes.asFloatBuffer());
        return new HostTensor(DType.F32, p.fileShape().toArray(), bytes);
    }
}
