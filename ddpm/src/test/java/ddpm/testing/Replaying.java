package ddpm.testing;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.OptimizerOps;
import ddpm.engine.backend.Recorder;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A backend that checks what a recording device relies on. Within {@link Recorder#run} nothing is uploaded, downloaded or
 * waited for, and from its second run on a body makes the same calls with the same arguments on the same memory, so that
 * repeating the recorded calls is repeating the body. Memory that the body allocates is known by its number: a recording
 * has it to itself.
 */
public final class Replaying {
    private static final Set<String> TRANSFERS = Set.of("upload", "download", "allocateHost", "trim", "synchronize");

    private final Backend backend;
    private final boolean asynchronous;
    private final Backend proxy;
    private List<List<Object>> calls; // of the body that runs; null outside
    private final Map<Buffer, Integer> own = new IdentityHashMap<>();
    private int runs;
    private int repeated;

    /** @param asynchronous what the backend says of itself: whether steps are asked for ahead of their results */
    public Replaying(Backend backend, boolean asynchronous) {
        this.backend = backend;
        this.asynchronous = asynchronous;
        this.proxy = proxy(Backend.class, this::onBackend);
    }

    public Backend backend() {
        return proxy;
    }

    /** Bodies run so far. */
    public int runs() {
        return runs;
    }

    /** Of those, how many made the calls of an earlier run. */
    public int repeated() {
        return repeated;
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private Object onBackend(Object self, Method method, Object[] args) throws Throwable {
        switch (method.getName()) {
            case "asynchronous":
                return asynchronous;
            case "recorder":
                return new Checking();
            case "close":
                return null;
            default:
                Object result = call(backend, method, args);
                // a family of operations: its calls are noted; anything else is a plain value
                return method.getReturnType().isInterface()
                        ? proxy(method.getReturnType(), (p, m, a) -> call(result, m, a))
                        : result;
        }
    }

    private Object call(Object target, Method method, Object[] args) throws Throwable {
        if (calls != null) {
            if (TRANSFERS.contains(method.getName())) {
                throw new AssertionError(method.getName() + " inside a recorded body");
            }
            if (target != backend) {
                List<Object> call = new ArrayList<>();
                call.add(method.getName());
                call.add(args == null ? List.of() : named(Arrays.asList(args)));
                calls.add(call);
            }
        }
        try {
            Object result = method.invoke(target, args);
            if (calls != null && result instanceof Buffer fresh) {
                own.put(fresh, calls.size());
            }
            return result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** The same with the body's own memory by the number of the call that allocated it. */
    private Object named(Object o) {
        if (o instanceof Buffer b && own.containsKey(b)) {
            return "buffer of call " + own.get(b);
        }
        if (o instanceof List<?> list) {
            return list.stream().map(this::named).toList();
        }
        if (o instanceof OptimizerOps.Slot s) {
            return named(List.of(s.n(), s.p(), s.grad(), s.m(), s.v()));
        }
        return o;
    }

    private final class Checking implements Recorder {
        private final Map<Object, Integer> runsOf = new HashMap<>();
        private final Map<Object, List<List<Object>>> recorded = new HashMap<>();
        private boolean closed;

        @Override
        public void run(Object key, Runnable body) {
            if (closed || calls != null) {
                throw new AssertionError(closed ? "run after close" : "run within a run");
            }
            long used = backend.memory().stats().usedBytes();
            calls = new ArrayList<>();
            try {
                body.run();
                if (runsOf.merge(key, 1, Integer::sum) > 1) {
                    compare(key, recorded.putIfAbsent(key, calls));
                }
            } finally {
                calls = null;
                own.clear();
            }
            if (backend.memory().stats().usedBytes() != used) {
                throw new AssertionError("the body keeps memory that it allocated");
            }
            runs++;
        }

        private void compare(Object key, List<List<Object>> before) {
            if (before == null) {
                return;
            }
            for (int i = 0; i < Math.max(before.size(), calls.size()); i++) {
                Object was = i < before.size() ? before.get(i) : "nothing";
                Object is = i < calls.size() ? calls.get(i) : "nothing";
                if (!was.equals(is)) {
                    throw new AssertionError("run " + runsOf.get(key) + " of " + key + ", call " + i + " of "
                            + before.size() + ": " + is + ", recorded was " + was);
                }
            }
            repeated++;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
