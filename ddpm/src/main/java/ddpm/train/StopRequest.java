package ddpm.train;

import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C and SIGTERM: the process is asked to end, and does so after the training has finished its step and saved. The
 * virtual machine runs a shutdown hook on either; the hook holds it up until {@link #finished}.
 */
public final class StopRequest implements AutoCloseable {
    /** What a shell reports for a process that Ctrl-C ended. */
    public static final int EXIT_CODE = 130;

    private final CountDownLatch saved = new CountDownLatch(1);
    private final Thread hook = new Thread(this::onShutdown, "ddpm-stop");
    private volatile boolean requested;

    public StopRequest() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void onShutdown() {
        requested = true;
        try {
            saved.await();
            Runtime.getRuntime().halt(EXIT_CODE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether to stop after this step. */
    public boolean requested() {
        return requested;
    }

    /** Everything is saved and said: a requested shutdown goes on, with {@link #EXIT_CODE}. */
    public void finished() {
        saved.countDown();
    }

    /** The training is over; later signals end the process at once. */
    @Override
    public void close() {
        saved.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException shuttingDown) {
                requested = true; // a signal came in between; the hook ends the process
            }
        }
    }
}
