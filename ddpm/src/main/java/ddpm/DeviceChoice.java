package ddpm;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The answer to {@code --device}. */
public enum DeviceChoice {
    /** The GPU where the CUDA backend is usable, the CPU elsewhere. */
    AUTO,
    CPU,
    CUDA;

    /** The spellings of the command line, in the order of the help. */
    public static final List<String> NAMES =
            Stream.of(values()).map(DeviceChoice::toString).toList();

    /** The choice spelled {@code name}, which is one of {@link #NAMES}. */
    public static DeviceChoice of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    /**
     * {@link #CPU} or {@link #CUDA}, never {@link #AUTO}.
     *
     * <p>This build has no CUDA backend, so {@code auto} is the CPU; the backend's own probe belongs here.
     */
    public DeviceChoice resolved() {
        return this == AUTO ? CPU : this;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
