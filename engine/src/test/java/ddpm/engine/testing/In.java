package ddpm.engine.testing;

import java.util.Map;

/** The inputs of one operation by name: tensors for the device, double arrays for the reference. */
public record In<T>(Map<String, T> values) {
    public T get(String name) {
        if (!values.containsKey(name)) {
            throw new IllegalArgumentException("no input " + name + " among " + values.keySet());
        }
        return values.get(name);
    }

    public T x() {
        return get("x");
    }

    public T w() {
        return get("w");
    }

    public T b() {
        return get("b");
    }

    public T gamma() {
        return get("gamma");
    }

    public T beta() {
        return get("beta");
    }
}
