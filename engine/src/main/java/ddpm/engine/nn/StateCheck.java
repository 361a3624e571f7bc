package ddpm.engine.nn;

import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Compares the tensors of a file with the parameters they are for; all that is wrong comes in one message. */
final class StateCheck {
    private static final int EXAMPLES = 3;

    /** How far a constant may be from ours: PyTorch's programs compute it in another precision or order. */
    private static final float NEAR = 1e-5f;

    private final Map<String, Parameter> wanted;
    private final Map<String, Tensor> constants;
    private final List<String> missing = new ArrayList<>();
    private final List<String> surplus = new ArrayList<>();
    private final List<String> shapes = new ArrayList<>();
    private final List<String> dtypes = new ArrayList<>();
    private final List<String> notFinite = new ArrayList<>();
    private final List<String> others = new ArrayList<>();

    StateCheck(Map<String, Parameter> wanted, Map<String, Tensor> constants) {
        this.wanted = wanted;
        this.constants = constants;
    }

    /**
     * The values in the engine's layout, in the order of the parameters.
     *
     * @throws TensorException unless the names are exactly the parameters', each F32, of its shape, and finite; constants may be there
     *     too, with their values
     */
    List<float[]> values(Map<String, HostTensor> from) {
        List<float[]> values = new ArrayList<>();
        for (Parameter p : wanted.values()) {
            compare(p, from.get(p.name()), values);
        }
        for (String name : from.keySet()) {
            if (constants.containsKey(name)) {
                compare(name, constants.get(name), from.get(name));
            } else if (!wanted.containsKey(name)) {
                surplus.add(quoted(name));
            }
        }
        throwIfAny();
        return values;
    }

    private void compare(Parameter p, HostTensor t, List<float[]> values) {
        if (t == null) {
            missing.add(quoted(p.name()));
            return;
        }
        Shape shape = p.fileShape();
        boolean fits = Arrays.equals(t.shape(), shape.toArray());
        if (!fits) {
            shapes.add(quoted(p.name()) + " is " + Arrays.toString(t.shape()) + ", the model has "
                    + Arrays.toString(shape.toArray()));
        }
        if (t.dtype() != DType.F32) {
            dtypes.add(quoted(p.name()) + " is " + t.dtype());
            return;
        }
        float[] host = t.toFloats();
        int bad = countNotFinite(host);
        if (bad > 0) {
            notFinite.add(quoted(p.name()) + " has " + bad + " of " + host.length);
        }
        if (fits) {
            values.add(p.layout().toEngine(shape, host));
        }
    }

    private void compare(String name, Tensor constant, HostTensor t) {
        boolean same = t.dtype() == DType.F32
                && Arrays.equals(t.shape(), constant.shape().toArray());
        float[] ours = constant.toFloats();
        float[] theirs = same ? t.toFloats() : ours;
        for (int i = 0; i < ours.length; i++) {
            same &= Math.abs(ours[i] - theirs[i]) <= NEAR; // not of NaN
        }
        if (!same) {
            others.add(quoted(name) + " is a constant, of the model's " + constant.shape());
        }
    }

    private static int countNotFinite(float[] values) {
        int bad = 0;
        for (float v : values) {
            if (!Float.isFinite(v)) {
                bad++;
            }
        }
        return bad;
    }

    private static String quoted(String name) {
        return "'" + name + "'";
    }

    private void throwIfAny() {
        List<String> problems = new ArrayList<>();
        add(problems, missing, "missing");
        add(problems, surplus, "surplus");
        add(problems, shapes, "of another shape");
        add(problems, dtypes, "not F32");
        add(problems, notFinite, "with NaN or infinite values");
        add(problems, others, "of other values than the settings give");
        if (!problems.isEmpty()) {
            throw new TensorException("does not fit the model's " + wanted.size() + " parameters: "
                    + String.join("; ", problems) + "; " + remedy());
        }
    }

    private static void add(List<String> problems, List<String> of, String kind) {
        if (of.isEmpty()) {
            return;
        }
        String examples = String.join(", ", of.subList(0, Math.min(EXAMPLES, of.size())));
        String more = of.size() > EXAMPLES ? " and " + (of.size() - EXAMPLES) + " more" : "";
        problems.add(of.size() + (of.size() == 1 ? " tensor " : " tensors ") + kind + " (" + examples + more + ")");
    }

    private String remedy() {
        if (!missing.isEmpty() || !surplus.isEmpty() || !shapes.isEmpty() || !others.isEmpty()) {
            return "use the configuration it was trained with";
        }
        return dtypes.isEmpty() ? "take an earlier checkpoint" : "convert the weights to F32";
    }
}
