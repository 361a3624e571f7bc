package ddpm.engine.tensor;

import ddpm.engine.backend.Buffer;

/** The memory of a tensor, and how many tensors see it: one, and one more for each reshaping that is alive. */
final class Memory {
    private final Buffer buffer;
    private int holders = 1;

    Memory(Buffer buffer) {
        this.buffer = buffer;
    }

    Buffer buffer() {
        return buffer;
    }

    boolean isShared() {
        return holders > 1;
    }

    /** One tensor more sees it. */
    Memory join() {
        holders++;
        return this;
    }

    /** One tensor less sees it; whether none does any more. */
    boolean leave() {
        return --holders == 0;
    }
}
