package ddpm.engine.backend;

import java.util.ArrayList;
import java.util.List;

/** Points in time in the order of a backend's work: where work is queued, the time at which it is done. */
public interface Clock extends AutoCloseable {
    /** Marks what was asked for so far. @return number of the mark, from 0 */
    int mark();

    /** Microseconds from mark 0 to this one, after {@link Backend#synchronize}. */
    double micros(int mark);

    @Override
    void close();

    /** The host's clock, for backends whose calls return when their work is done. */
    static Clock host() {
        return new Clock() {
            private final List<Long> nanos = new ArrayList<>();

            @Override
            public int mark() {
                nanos.add(System.nanoTime());
                return nanos.size() - 1;
            }

            @Override
            public double micros(int mark) {
                return (nanos.get(mark) - nanos.get(0)) / 1e3;
            }

            @Override
            public void close() {
                // nothing is held
            }
        };
    }
}
