package ddpm.engine.testing;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.BackendException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;

/** A backend under test, opened on first use and kept open for the whole run. */
public final class Device {
    private final String name;
    private final boolean required;
    private final Supplier<Backend> open;
    private Backend backend;
    private String unusable;

    private Device(String name, boolean required, Supplier<Backend> open) {
        this.name = name;
        this.required = required;
        this.open = open;
    }

    /** A device without which the tests fail. */
    static Device required(String name, Supplier<Backend> open) {
        return new Device(name, true, open);
    }

    /** A device whose tests are skipped where it cannot be used. */
    static Device optional(String name, Supplier<Backend> open) {
        return new Device(name, false, open);
    }

    /** The backend; ends the test as skipped, which CI counts, where an optional device cannot be used. */
    public Backend backend() {
        if (backend == null && unusable == null) {
            try {
                backend = open.get();
            } catch (BackendException e) {
                if (required) {
                    throw e;
                }
                unusable = e.getMessage();
                System.out.println("SKIPPED device " + name + ": " + unusable);
            }
        }
        if (backend == null) {
            Assumptions.abort("device " + name + " is not usable: " + unusable);
        }
        return backend;
    }

    @Override
    public String toString() {
        return name;
    }
}
