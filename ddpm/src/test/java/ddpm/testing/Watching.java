package ddpm.testing;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.Recorder;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A backend that notes when memory of the host is asked for, when results are read, and when a step is run: {@code
 * allocateHost}, {@code download} and {@code run}. It can pretend that the device has little memory left.
 */
public final class Watching {
    private static final List<String> NOTED = List.of("allocateHost", "download");

    private final Backend backend;
    private final OptionalLong availableBytes;
    private final List<String> events = new ArrayList<>();
    private int bodies;

    public Watching(Backend backend) {
        this(backend, OptionalLong.empty());
    }

    /** @param availableBytes what {@link MemoryOps#availableBytes} says */
    public Watching(Backend backend, OptionalLong availableBytes) {
        this.backend = backend;
        this.availableBytes = availableBytes;
    }

    public Backend backend() {
        return proxy(Backend.class, (self, method, args) -> switch (method.getName()) {
            case "memory" -> proxy(MemoryOps.class, this::onMemory);
            case "recorder" -> new Counting(backend.recorder());
            case "close" -> null;
            default -> call(backend, method, args);
        });
    }

    /** What was noted since the last call, in order. */
    public List<String> events() {
        List<String> noted = List.copyOf(events);
        events.clear();
        return noted;
    }

    /** How many of the runs the backend made by running the body, not by replaying a recording. */
    public int bodies() {
        return bodies;
    }

    private Object onMemory(Object self, Method method, Object[] args) throws Throwable {
        if (NOTED.contains(method.getName())) {
            events.add(method.getName());
        }
        if (method.getName().equals("availableBytes") && availableBytes.isPresent()) {
            return availableBytes.getAsLong();
        }
        return call(backend.memory(), method, args);
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object call(Object target, Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(target, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private final class Counting implements Recorder {
        private final Recorder recorder;

        Counting(Recorder recorder) {
            this.recorder = recorder;
        }

        @Override
        public void run(Object key, Runnable body) {
            events.add("run");
            recorder.run(key, () -> {
                bodies++;
                body.run();
            });
        }

        @Override
        public void close() {
            recorder.close();
        }
    }
}
