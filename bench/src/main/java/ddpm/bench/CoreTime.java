package ddpm.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Processor time that all processes of the machine, and this one, have used up to a moment. Time that other virtual
 * machines took counts as used by others.
 *
 * @param nanos of the clock
 * @param cores of the machine
 * @param all seconds, summed over the cores
 * @param own seconds of this process
 */
record CoreTime(long nanos, int cores, double all, double own) {
    private static final Path STAT = Path.of("/proc/stat");
    private static final int IDLE = 4; // fields of a line "cpu user nice system idle iowait irq softirq steal ..."
    private static final int IOWAIT = 5;
    private static final int LAST = 8; // what guests used is in user and nice already
    private static final double TICKS = 100; // a second, on every Linux

    /** @throws IllegalStateException where the system does not tell, which is all but Linux */
    static CoreTime now() {
        if (!Files.exists(STAT)) {
            throw new IllegalStateException("there is no " + STAT + ": what other processes use is told by Linux only");
        }
        try {
            return of(Files.readString(STAT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static CoreTime of(String stat) {
        long own = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
        String[] fields = stat.lines().findFirst().orElseThrow().split(" +");
        double ticks = 0;
        for (int i = 1; i <= LAST; i++) {
            ticks += i == IDLE || i == IOWAIT ? 0 : Long.parseLong(fields[i]);
        }
        long cores = Arrays.stream(stat.split("\n"))
                .filter(line -> line.matches("cpu\\d.*"))
                .count();
        return new CoreTime(System.nanoTime(), (int) cores, ticks / TICKS, own / 1e9);
    }

    double secondsSince(CoreTime before) {
        return (nanos - before.nanos) / 1e9;
    }

    /** Share of the cores that other processes used in between, 0 to 1. */
    double othersSince(CoreTime before) {
        double others = all - before.all - (own - before.own);
        return Math.max(0, others / (cores * secondsSince(before)));
    }
}
