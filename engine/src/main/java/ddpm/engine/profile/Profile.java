package ddpm.engine.profile;

import java.util.List;

/**
 * What one step did.
 *
 * @param device {@code cpu} or {@code cuda}, with the precision
 * @param micros the whole step took
 * @param operations calls of the backend's families, in order
 * @param kernels and calls of libraries that they consist of, in order; empty on a device that tells none
 * @param allocations number of buffers asked for
 * @param allocatedBytes of all of them
 */
public record Profile(
        String device,
        double micros,
        List<Span> operations,
        List<Span> kernels,
        long allocations,
        long allocatedBytes) {
    public Profile {
        operations = List.copyOf(operations);
        kernels = List.copyOf(kernels);
    }

    /** The finest pieces known: kernels where the device tells them, else operations. */
    public List<Span> pieces() {
        return kernels.isEmpty() ? operations : kernels;
    }
}
