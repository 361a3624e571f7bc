package ddpm.engine.profile;

import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Clock;
import ddpm.engine.backend.Watch;
import java.lang.StackWalker.StackFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is noted while a step runs: marks of the backend's clock, which are times once all of it is computed. */
final class Measurement implements Watch, AutoCloseable {
    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final String OPTIMIZERS = "ddpm.engine.optim";

    private record Noted(String name, String detail, String phase, long bytes, double flops, int from, int to) {
        Span span(Clock clock) {
            double start = clock.micros(from);
            return new Span(name, detail, phase, start, clock.micros(to) - start, bytes, flops);
        }
    }

    private final Backend backend;
    private final Clock clock;
    private final List<Noted> operations = new ArrayList<>();
    private final List<Noted> kernels = new ArrayList<>();
    private final int first;
    private String operation = "";
    private String phase = "";
    private String kernel;
    private long kernelBytes;
    private int kernelFrom;
    private long allocations;
    private long allocatedBytes;

    Measurement(Backend backend) {
        this.backend = backend;
        backend.synchronize();
        clock = backend.clock();
        backend.watch(this);
        first = clock.mark();
    }

    void allocated(long bytes) {
        allocations++;
        allocatedBytes += bytes;
    }

    /** Before an operation. @return the mark to give to {@link #after} */
    int before(Call call) {
        operation = (call.method() + " " + call.shape()).strip();
        phase = STACK.walk(frames -> frames.map(Measurement::phase)
                .filter(p -> !p.isEmpty())
                .findFirst()
                .orElse("forward"));
        return clock.mark();
    }

    void after(Call call, int from) {
        int to = clock.mark();
        operations.add(new Noted(call.method(), call.shape(), phase, call.bytes(), call.flops(), from, to));
        operation = "";
    }

    /** Who asks tells the phase, so that nothing needs to be said where no profile is made. */
    private static String phase(StackFrame frame) {
        if (frame.getDeclaringClass() == Tape.class && frame.getMethodName().equals("backward")) {
            return "backward";
        }
        return frame.getDeclaringClass().getPackageName().equals(OPTIMIZERS) ? "update" : "";
    }

    @Override
    public void began(String name, long bytes) {
        kernel = name;
        kernelBytes = bytes;
        kernelFrom = clock.mark();
    }

    @Override
    public void ended() {
        kernels.add(new Noted(kernel, operation, phase, kernelBytes, 0, kernelFrom, clock.mark()));
    }

    /** Waits for the end of the step. */
    Profile end() {
        int last = clock.mark();
        backend.synchronize();
        return new Profile(
                backend.name() + ", " + backend.precision().name().toLowerCase(Locale.ROOT),
                clock.micros(last) - clock.micros(first),
                operations.stream().map(n -> n.span(clock)).toList(),
                kernels.stream().map(n -> n.span(clock)).toList(),
                allocations,
                allocatedBytes);
    }

    @Override
    public void close() {
        backend.watch(null);
        clock.close();
    }
}
