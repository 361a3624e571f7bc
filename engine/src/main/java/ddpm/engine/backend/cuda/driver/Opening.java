package ddpm.engine.backend.cuda.driver;

import java.util.ArrayDeque;
import java.util.Deque;

/** Undoes, the last first, what a constructor has opened when it does not come to its end. */
public final class Opening implements AutoCloseable {
    private final Deque<Runnable> undo = new ArrayDeque<>();

    /** @param close undoes what was just opened */
    public void opened(Runnable close) {
        undo.push(close);
    }

    /** From now on whoever was constructed closes all of it. */
    public void succeeded() {
        undo.clear();
    }

    /** A part that does not close keeps none of the others open. */
    @Override
    public void close() {
        RuntimeException failure = null;
        while (!undo.isEmpty()) {
            try {
                undo.pop().run();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
