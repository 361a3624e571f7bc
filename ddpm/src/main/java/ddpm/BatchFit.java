package ddpm;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.OutOfMemoryException;
import java.util.function.IntConsumer;

/** The batch whose memory a device has, from what one image and a few take: the rest grows by the image. */
public final class BatchFit {
    /** Images of the larger trial: sizes are rounded up to whole blocks, which shows less in more images. */
    private static final int SOME = 8;
    /** One image in so many is taken off for that rounding. */
    private static final int MARGIN = 32;

    private BatchFit() {}

    /**
     * The same error with the batch that would fit.
     *
     * @param batch images that were too many
     * @param compute does the work on so many images and gives all its memory back
     */
    public static OutOfMemoryException explain(
            OutOfMemoryException e, Backend backend, int batch, IntConsumer compute) {
        String hint;
        try {
            long fits = Math.min(batch - 1, largest(backend, compute));
            hint = fits < 1 ? "not even one image fits" : "a batch of about " + fits + " would fit";
        } catch (OutOfMemoryException none) {
            hint = "fewer than " + SOME + " images fit";
        }
        return new OutOfMemoryException(e.problem(), e.remedy() + "\n  " + hint, e);
    }

    /** Images that the memory has room for. */
    private static long largest(Backend backend, IntConsumer compute) {
        MemoryOps memory = backend.memory();
        memory.trim();
        long all = memory.stats().usedBytes() + memory.availableBytes();
        long one = most(backend, compute, 1);
        long some = most(backend, compute, SOME);
        long each = Math.max(1, (some - one + SOME - 2) / (SOME - 1));
        long fits = one > all ? 0 : 1 + (all - one) / each;
        return fits > SOME ? fits - 1 - fits / MARGIN : fits;
    }

    /**
     * What the work takes: the most that is in use at once. Where steps are recorded it is what the pool comes to hold, as a
     * block cannot be given back meanwhile for one of another size.
     */
    private static long most(Backend backend, IntConsumer compute, int images) {
        MemoryOps memory = backend.memory();
        memory.resetPeak();
        compute.accept(images);
        if (!backend.asynchronous()) {
            return memory.stats().peakBytes();
        }
        memory.trim(); // of what only the search of algorithms took
        compute.accept(images);
        return memory.stats().reservedBytes();
    }
}
