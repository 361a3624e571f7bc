package ddpm.engine.nn;

import ddpm.engine.io.DType;
import ddpm.engine.io.HostTensor;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.TensorException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Compares the tensors of a file with the parameters they are for; all that is wrong comes in one message. */
final class StateCheck {
    private static final int SHOWN = 5;

    private final Map<String, Parameter> wanted;
    private final List<String> problems = new ArrayList<>();

    StateCheck(Map<String, Parameter> wanted) {
        this.wanted = wanted;
    }

    /** The values in the engine's layout, in the order of the parameters. */
    List<float[]> values(Map<String, HostTensor> from) {
        List<float[]> values = new ArrayList<>();
        for (Parameter p : wanted.values()) {
            HostTensor t = from.get(p.name());
            if (t == null) {
                problems.add("'" + p.name() + "' " + p.fileShape() + " is missing");
            } else if (t.dtype() != DType.F32
                    || !Arrays.equals(t.shape(), p.fileShape().toArray())) {
                problems.add("'" + p.name() + "' is " + t + ", needed is F32" + brackets(p.fileShape()));
            } else {
                float[] host = t.toFloats();
                checkFinite(p.name(), host);
                values.add(p.layout().toEngine(p.fileShape(), host));
            }
        }
        from.keySet().stream()
                .filter(name -> !wanted.containsKey(name))
                .forEach(name -> problems.add("'" + name + "' is surplus"));
        throwIfAny();
        return values;
    }

    private void checkFinite(String name, float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                problems.add("'" + name + "' holds " + values[i] + " at element " + i);
                return;
            }
        }
    }

    private static String brackets(Shape shape) {
        return Arrays.toString(shape.toArray()).replace(" ", "");
    }

    private void throwIfAny() {
        if (problems.isEmpty()) {
            return;
        }
        String shown = String.join(", ", problems.subList(0, Math.min(SHOWN, problems.size())));
        String rest = problems.size() > SHOWN ? " and " + (problems.size() - SHOWN) + " more" : "";
        throw new TensorException("load: the tensors do not fit the model's " + wanted.size() + " parameters: " + shown
                + rest + "; use a checkpoint that was written with this model configuration");
    }
}
