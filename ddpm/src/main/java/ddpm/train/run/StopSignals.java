package ddpm.train.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ctrl-C, SIGTERM and SIGHUP as a {@link StopRequest}: the process ends after the training has finished its step and
 * saved.
 *
 * <p>The virtual machine answers each of these signals by running its shutdown hooks while the other threads go on, and
 * ends when the hooks return. The hook here holds it up until the training is over ({@link #close}) and the program has
 * said how it ended ({@link #exit}). So a signal changes when the process ends, never how: a run whose last step was
 * under way exits with 0, a run that failed after the signal with its error.
 */
public final class StopSignals implements StopRequest, AutoCloseable {
    /** What a shell reports for a process that Ctrl-C ended. */
    public static final int EXIT_CODE = 130;

    /** Between the end of the training and {@link #exit}, which a program that only uses this class never calls. */
    private static final long PATIENCE_SECONDS = 3;

    private static final CompletableFuture<Integer> ENDED_WITH = new CompletableFuture<>();

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread hook = new Thread(this::onShutdown, "ddpm-stop");
    private volatile boolean requested;

    /** Listens until {@link #close}. */
    public StopSignals() {
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            requested = true; // the signal came first; nothing is begun that would have to be saved
        }
    }

    private void onShutdown() {
        requested = true;
        int code = EXIT_CODE;
        try {
            over.await();
            code = ENDED_WITH.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException | InterruptedException e) {
            // nobody says how it ended
        }
        Runtime.getRuntime().halt(code);
    }

    @Override
    public boolean requested() {
        return requested;
    }

    /** The training is over: a later signal ends the process at once, an earlier one after {@link #exit}. */
    @Override
    public void close() {
        over.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // the hook is running, and ends the process
        }
    }

    /**
     * Ends the process with {@code code}, also where a signal is already ending it. Instead of {@link System#exit},
     * which in that case waits for ever and leaves the code to the signal.
     */
    public static void exit(int code) {
        ENDED_WITH.complete(code);
        System.exit(code);
    }
}
