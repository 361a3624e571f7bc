package ddpm.engine.backend.cuda.driver;

import ddpm.engine.backend.BackendException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The memory that a recorded step touches. A graph replays with the addresses of its recording, so before each replay
 * they must still mean the same: what the step allocates for itself is free, what it was given is as it was.
 */
public final class Recording {
    private final Set<CudaBuffer> scratch = new HashSet<>(); // allocated and freed again by the step
    private final Map<CudaBuffer, Long> outside = new HashMap<>(); // used but not allocated by it, with its life

    void allocated(CudaBuffer b) {
        scratch.add(b);
    }

    void freed(CudaBuffer b) {
        if (!scratch.contains(b)) {
            throw new BackendException(
                    "cuda: a recorded step freed " + b.bytes()
                            + " bytes that it did not allocate, which no replay would do",
                    "free them after Recorder.run");
        }
    }

    void used(CudaBuffer b) {
        if (!scratch.contains(b)) {
            outside.putIfAbsent(b, b.life());
        }
    }

    /** @throws BackendException when the step kept memory that it allocated */
    public void checkEnd() {
        long kept = scratch.stream()
                .filter(CudaBuffer::inUse)
                .mapToLong(CudaBuffer::bytes)
                .sum();
        if (kept > 0) {
            throw new BackendException(
                    "cuda: a recorded step keeps " + kept
                            + " bytes that it allocated, which the next replay would overwrite",
                    "allocate before Recorder.run" + " what outlives the step");
        }
    }

    /** Whether a replay reads and writes what the recording did. */
    public boolean valid() {
        return scratch.stream().noneMatch(CudaBuffer::inUse)
                && outside.entrySet().stream()
                        .allMatch(e -> e.getKey().inUse() && e.getKey().life() == e.getValue());
    }
}
