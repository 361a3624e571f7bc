package ddpm.engine.backend.cpu.attention;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.onednn.StridedCopy;
import ddpm.engine.backend.cpu.team.Worker;

/**
 * One image of a tensor as F32: where it lies, or a copy in the worker's native scratch memory if it is stored in BF16.
 *
 * @param at its first element in {@code buffer}
 */
record AttentionImage(CpuBuffer buffer, int at, int length) {
    /** Of an F32 tensor. */
    static AttentionImage of(CpuBuffer from, long image, int length) {
        return new AttentionImage(from, Math.toIntExact(image * length), length);
    }

    /** @param slot of native scratch memory, for a copy */
    static AttentionImage of(Worker w, int slot, Precision stored, CpuBuffer from, long image, int length) {
        if (stored == Precision.FP32) {
            return of(from, image, length);
        }
        CpuBuffer copy = w.natives(slot, length);
        StridedCopy.widen(w.context(), length, from.address() + image * length * Short.BYTES, copy.address());
        return of(copy, 0, length);
    }

    /** The address of element {@code i}. */
    long address(long i) {
        return buffer.address(at + i);
    }

    /** The image in the worker's array number {@code slot}: single floats of a native buffer cost several times those of an array. */
    float[] read(Worker w, int slot) {
        float[] values = w.floats(slot, length);
        buffer.floats().get(at, values, 0, length);
        return values;
    }

    void put(int i, float[] values, int from, int count) {
        buffer.floats().put(at + i, values, from, count);
    }

    /** Rounds this image to one of a tensor in BF16. */
    void round(Worker w, CpuBuffer to, long image) {
        StridedCopy.round(w.context(), length, address(0), to.address() + image * length * Short.BYTES);
    }

    /** Stores an image of {@code to}. @param slot of native scratch memory */
    static void write(Worker w, int slot, float[] values, int length, Precision stored, CpuBuffer to, long image) {
        if (stored == Precision.FP32) {
            of(to, image, length).put(0, values, 0, length);
        } else {
            of(w.natives(slot, values, length), 0, length).round(w, to, image);
        }
    }
}
