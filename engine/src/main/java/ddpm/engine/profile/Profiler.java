package ddpm.engine.profile;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Recorder;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A backend that can tell what a step consists of. While {@link #measure} runs, each call of a family passes through here
 * and recorders run their bodies plainly; at other times the families are the backend's own.
 */
public final class Profiler {
    /** Of the families' methods, those that compute nothing. */
    private static final Set<String> BOOKKEEPING = Set.of(
            "allocate",
            "allocateHost",
            "lend",
            "free",
            "stats",
            "availableBytes",
            "resetPeak",
            "trim",
            "stateElements");

    private final Backend real;
    private final Backend backend;
    private final Map<Class<?>, Object> families = new HashMap<>();
    private Measurement measurement; // null while nothing is measured

    /** @param real stays the caller's to close */
    public Profiler(Backend real) {
        this.real = real;
        this.backend = proxy(Backend.class, this::onBackend);
    }

    /** To be used in place of the backend. */
    public Backend backend() {
        return backend;
    }

    /** Runs a step and waits for its end. */
    public Profile measure(Runnable step) {
        try (Measurement m = new Measurement(real)) {
            measurement = m;
            step.run();
            return m.end();
        } finally {
            measurement = null;
        }
    }

    private Object onBackend(Object self, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("equals")) {
            return self == arguments[0];
        }
        Object result = call(method, real, arguments);
        if (result instanceof Recorder recorder) {
            return recorder(recorder);
        }
        Class<?> type = method.getReturnType();
        if (measurement == null || !type.getSimpleName().endsWith("Ops")) {
            return result;
        }
        return families.computeIfAbsent(type, t -> proxy(t, (p, m, a) -> onFamily(result, m, a)));
    }

    private Object onFamily(Object family, Method method, Object[] arguments) throws Throwable {
        if (measurement != null && method.getName().equals("allocate")) {
            measurement.allocated((long) arguments[0]);
        }
        if (measurement == null || BOOKKEEPING.contains(method.getName())) {
            return call(method, family, arguments);
        }
        Call call = new Call(method.getName(), arguments);
        int from = measurement.before(call);
        Object result = call(method, family, arguments);
        measurement.after(call, from);
        return result;
    }

    private Recorder recorder(Recorder recorder) {
        return new Recorder() {
            @Override
            public void run(Object key, Runnable body) {
                if (measurement == null) {
                    recorder.run(key, body);
                } else {
                    body.run();
                }
            }

            @Override
            public void close() {
                recorder.close();
            }
        };
    }

    private static Object call(Method method, Object target, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
