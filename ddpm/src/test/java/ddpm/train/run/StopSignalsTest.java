package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Processes that get a signal before, in and after the time in which they listen. */
class StopSignalsTest {
    @TempDir
    Path folder;

    /** The process: args[0] says what it does once a signal has come, args[1] how many ms its last step still takes. */
    public static void main(String[] args) throws InterruptedException {
        try (StopSignals signals = new StopSignals()) {
            System.out.println("ready");
            while (!signals.requested() && !args[0].equals("over")) {
                Thread.sleep(1);
            }
            Thread.sleep(args.length > 1 ? Integer.parseInt(args[1]) : 100); // the work that goes on meanwhile
        }
        switch (args[0]) {
            case "over" -> {
                System.out.println("over");
                Thread.sleep(60_000);
            }
            case "says nothing" -> System.out.println("end of main");
            default -> {
                Thread.sleep(100); // a report of what happened
                System.out.println("end");
                StopSignals.exit(Integer.parseInt(args[0]));
            }
        }
    }

    /** 130 after a stop, 0 where there was nothing left to do, 1 where it failed: never before all is said. */
    @ParameterizedTest
    @CsvSource({"130, TERM", "0, INT", "1, TERM", "2, TERM"})
    void theProcessEndsAsItSays(int code, String signal) throws Exception {
        try (Child child = Child.start(folder, StopSignalsTest.class, String.valueOf(code))) {
            child.await("ready", () -> child.out().contains("ready"));
            child.signal(signal);
            child.signal(signal); // an impatient user changes nothing
            assertEquals(code, child.code(), child.out() + child.err());
            assertEquals("ready\nend\n", child.out());
            assertEquals("", child.err());
        }
    }

    /** Longer than the hook's patience with a program that says nothing, which begins when the training is over. */
    @Test
    void aSlowLastStepIsWaitedFor() throws Exception {
        try (Child child = Child.start(folder, StopSignalsTest.class, "130", "3500")) {
            child.await("ready", () -> child.out().contains("ready"));
            child.signal("TERM");
            assertEquals(130, child.code());
            assertEquals("ready\nend\n", child.out());
        }
    }

    @Test
    void withoutASignalToo() throws Exception {
        try (StopSignals signals = new StopSignals()) {
            assertFalse(signals.requested());
        }
        try (StopSignals again = new StopSignals()) {
            assertFalse(again.requested());
        }
    }

    /** Once the training is over nothing holds a signal up, and the code is the system's. */
    @Test
    void afterTheEndASignalEndsTheProcessAtOnce() throws Exception {
        try (Child child = Child.start(folder, StopSignalsTest.class, "over")) {
            child.await("over", () -> child.out().contains("over"));
            child.signal("TERM");
            assertEquals(143, child.code());
        }
    }

    /** A program that uses the classes without {@link ddpm.cli.Main} is not held up for ever. */
    @Test
    void aProgramThatSaysNothingEndsToo() throws Exception {
        try (Child child = Child.start(folder, StopSignalsTest.class, "says nothing")) {
            child.await("ready", () -> child.out().contains("ready"));
            child.signal("TERM");
            assertEquals(StopSignals.EXIT_CODE, child.code());
            assertEquals("ready\nend of main\n", child.out());
        }
    }
}
