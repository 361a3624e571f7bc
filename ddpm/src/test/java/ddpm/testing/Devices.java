package ddpm.testing;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Every device the model is tested on; another backend joins by one line. */
public final class Devices {
    /** A backend that stays open for the whole run. */
    public record Device(String name, Supplier<Backend> open) {
        public Backend backend() {
            return open.get();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Backend cpu;

    private Devices() {}

    /** For {@link OnEachDevice}. */
    public static Stream<Device> all() {
        return Stream.of(new Device("cpu", Devices::cpu));
    }

    private static Backend cpu() {
        if (cpu == null) {
            cpu = new CpuBackend(Precision.FP32);
        }
        return cpu;
    }
}
