package ddpm.engine.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.Backend;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Compares an operation on a device with its double reference: the result everywhere, the gradients with central
 * differences of the reference.
 *
 * <p>The loss is L = sum(y * r), r fixed normals. Of inputs with more than {@link #ENTRIES} elements the differences
 * are taken at that many random ones, and along one random direction of signs, to which every element contributes. The
 * operation runs twice in {@link Guarded} memory and must give the same bits and keep no memory.
 */
public final class OpCheck {
    /** Unit roundoff of fp32. */
    public static final double U = 0x1p-24;

    /** Seed of all inputs: {@code -Dseed=7} draws others. */
    public static final long SEED = Long.getLong("seed", 2006_11239);

    private static final int ENTRIES = 20;
    private static final int ALONG = -1; // where an index stands, for all elements at once
    private static final double STEP = Math.cbrt(0x1p-52);

    private record Input(String name, Shape shape, float[] values, String kind, double std, boolean differentiable) {}

    private record Sum(long terms, ToDoubleFunction<Case> size) {}

    private record Run(float[] y, Map<String, float[]> gradients) {}

    /** What differences of the reference gave, by input, and the result in the middle: the same function gives it again. */
    private record Slopes(double[] y, Map<String, double[]> of) {}

    /** Of every case so far: all devices and precisions are compared with the same numbers, which take long to make. */
    private static final Map<String, Slopes> SLOPES = new ConcurrentHashMap<>();

    private static final int KEPT = 100_000; // elements of y, at most

    private final Backend backend;
    private final String device;
    private final String label;
    private final Map<String, Input> inputs = new LinkedHashMap<>();
    private final Map<String, Sum> sums = new HashMap<>();
    private In<double[]> known;
    private Function<In<double[]>, double[]> reference;
    private Function<In<Tensor>, Tensor> op;
    private ToDoubleFunction<Case> tolerance;
    private double step = STEP;
    private int entries = ENTRIES;
    private float[] r;
    private double worst;
    private int worstAt;

    private OpCheck(Backend backend, String device, String label) {
        this.backend = backend;
        this.device = device;
        this.label = label;
    }

    /** @param label the operation's name, a space, and what tells this case from others */
    public static OpCheck on(Device device, String label) {
        return new OpCheck(new Guarded(device.backend()), device.toString(), label);
    }

    // ---- what to check ----

    /** An input whose gradient is checked. */
    public OpCheck input(String name, Data data, long... shape) {
        return add(name, data, true, shape);
    }

    /** An input without a gradient. */
    public OpCheck constant(String name, Data data, long... shape) {
        return add(name, data, false, shape);
    }

    /** An input with the given values, of about size {@code std}; its gradient is checked. */
    public OpCheck input(String name, float[] values, double std, long... shape) {
        inputs.put(name, new Input(name, Shape.of(shape), values, "given", std, true));
        return this;
    }

    private OpCheck add(String name, Data data, boolean differentiable, long... shape) {
        Shape s = Shape.of(shape);
        float[] values = data.draw(Math.toIntExact(s.count()), random(name));
        inputs.put(name, new Input(name, s, values, data.toString(), data.std(), differentiable));
        return this;
    }

    /** The formula in double, forward only; it must not write to its inputs. */
    public OpCheck reference(Function<In<double[]>, double[]> reference) {
        this.reference = reference;
        return this;
    }

    public OpCheck op(Function<In<Tensor>, Tensor> op) {
        this.op = op;
        return this;
    }

    /**
     * How a result is summed; a single term where nothing is said.
     *
     * @param result {@code y}, or {@code d} + the name of an input
     * @param terms the longest sum
     * @param size what its partial sums reach: the tolerance's scale where terms cancel and |want| is small
     */
    public OpCheck sum(String result, long terms, ToDoubleFunction<Case> size) {
        sums.put(result, new Sum(terms, size));
        return this;
    }

    public OpCheck tolerance(ToDoubleFunction<Case> tolerance) {
        this.tolerance = tolerance;
        return this;
    }

    /**
     * Says that y is a polynomial of degree two at most in each input: a central difference is then exact for any step,
     * and a large one keeps its rounding small.
     */
    public OpCheck quadratic() {
        this.step = 1;
        return this;
    }

    /** Differences at this many elements of each input: for costly references. */
    public OpCheck entries(int entries) {
        this.entries = entries;
        return this;
    }

    // ---- checking ----

    public void checkForward() {
        check(false);
    }

    public void checkForwardAndGradients() {
        check(true);
    }

    private void check(boolean gradients) {
        In<double[]> in = doubles();
        double[] want = reference.apply(in);
        r = Data.normal(0, 1).draw(want.length, random("r"));
        Map<String, double[]> all = new HashMap<>(in.values());
        all.put("dy", doubles(r));
        known = new In<>(all);

        long used = backend.memory().stats().usedBytes();
        Run run = run(gradients);
        Run again = run(gradients);
        assertEquals(
                used, backend.memory().stats().usedBytes(), () -> where() + ": bytes in use after the scope closed");
        compare("y", run.y(), want);
        assertArrayEquals(run.y(), again.y(), () -> where() + ": two runs differ");
        Slopes slopes = slopes(want);
        for (String name : run.gradients().keySet()) {
            differences(inputs.get(name), in, run.gradients().get(name), slopes);
            assertArrayEquals(
                    run.gradients().get(name), again.gradients().get(name), () -> where() + ": two runs differ");
        }
    }

    private Run run(boolean gradients) {
        try (Scope scope = Scope.recording(backend)) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            inputs.values()
                    .forEach(i -> tensors.put(
                            i.name(),
                            gradients && i.differentiable()
                                    ? scope.leaf(i.shape(), i.values())
                                    : scope.tensor(i.shape(), i.values())));
            Tensor y = op.apply(new In<>(tensors));
            Run run = new Run(y.toFloats(), new LinkedHashMap<>());
            if (gradients) {
                Gradients g = scope.tape().backward(WeightedSum.of(y, scope.tensor(y.shape(), r)));
                inputs.values().stream().filter(Input::differentiable).forEach(i -> run.gradients()
                        .put(i.name(), g.of(tensors.get(i.name())).toFloats()));
            }
            return run;
        }
    }

    private void compare(String result, float[] got, double[] want) {
        assertEquals(want.length, got.length, () -> where() + ": elements of " + result);
        double scale = 0;
        for (double w : want) {
            scale = Math.max(scale, Math.abs(w));
        }
        double allowed = tolerance.applyAsDouble(caseOf(result, scale));
        for (int i = 0; i < got.length; i++) {
            judge(result, i, got[i], want[i], allowed);
        }
        note(result);
    }

    /** Those of this case, from where another device needed them or empty. */
    private Slopes slopes(double[] y) {
        if (y.length > KEPT) {
            return new Slopes(y, new HashMap<>());
        }
        StringBuilder key = new StringBuilder(label + " " + step + " " + entries);
        inputs.values().forEach(i -> key.append(" " + i.name() + i.shape() + i.std() + Arrays.hashCode(i.values())));
        return SLOPES.compute(
                key.toString(),
                (k, kept) -> kept != null && Arrays.equals(kept.y(), y) ? kept : new Slopes(y, new HashMap<>()));
    }

    private void differences(Input input, In<double[]> in, float[] got, Slopes slopes) {
        String result = "d" + input.name();
        int count = in.get(input.name()).length;
        assertEquals(count, got.length, () -> where() + ": elements of " + result);
        Random random = random("entries of " + input.name());
        int[] at = count <= entries
                ? IntStream.range(0, count).toArray()
                : random.ints(entries, 0, count).toArray();
        double[] signs = count <= entries ? new double[0] : signs(count, random);
        double[] want = slopes.of().computeIfAbsent(input.name(), name -> slopes(input, in, at, signs));
        double scale = 0;
        for (int i = 0; i < at.length; i++) {
            scale = Math.max(scale, Math.abs(want[i]));
        }
        double allowed = tolerance.applyAsDouble(caseOf(result, scale));
        for (int i = 0; i < at.length; i++) {
            judge(result, at[i], got[at[i]], want[i], allowed);
        }
        if (signs.length > 0) {
            // errors of single elements add up like independent ones: sqrt(n) times the tolerance of one
            double sum = IntStream.range(0, count)
                    .mapToDouble(i -> signs[i] * got[i])
                    .sum();
            judge(result, ALONG, sum, want[at.length], allowed * Math.sqrt(count));
        }
        note(result);
    }

    private static double[] signs(int count, Random random) {
        double[] signs = new double[count];
        for (int i = 0; i < count; i++) {
            signs[i] = random.nextBoolean() ? 1 : -1;
        }
        return signs;
    }

    /** Derivatives of L at some elements, and behind them that along a direction of signs, unless there are none. */
    private double[] slopes(Input input, In<double[]> in, int[] at, double[] signs) {
        double[] x = in.get(input.name());
        double[] slopes = new double[at.length + Math.min(1, signs.length)];
        for (int i = 0; i < at.length; i++) {
            double[] direction = new double[x.length];
            direction[at[i]] = 1;
            slopes[i] = difference(in, input.name(), direction, step * Math.max(input.std(), Math.abs(x[at[i]])));
        }
        if (signs.length > 0) {
            slopes[at.length] = difference(in, input.name(), signs, step * input.std());
        }
        return slopes;
    }

    /** Derivative of L along a direction; y is subtracted before it is summed, so large y that stay cost nothing. */
    private double difference(In<double[]> in, String name, double[] direction, double h) {
        double[] above = reference.apply(moved(in, name, direction, h));
        double[] below = reference.apply(moved(in, name, direction, -h));
        double sum = 0;
        for (int i = 0; i < above.length; i++) {
            sum += (above[i] - below[i]) * r[i];
        }
        return sum / (2 * h);
    }

    private static In<double[]> moved(In<double[]> in, String name, double[] direction, double h) {
        double[] x = in.get(name).clone();
        for (int i = 0; i < x.length; i++) {
            x[i] += direction[i] * h;
        }
        Map<String, double[]> values = new HashMap<>(in.values());
        values.put(name, x);
        return new In<>(values);
    }

    private void judge(String result, int index, double got, double want, double allowed) {
        double error = Math.abs(got - want);
        if (!(error <= allowed)) {
            fail(String.format(
                    Locale.ROOT,
                    "%s: %s%s got %.9g want %.9g, off by %.3g, tolerance %.3g; repeat with -Dseed=%d",
                    where(),
                    result,
                    place(index),
                    got,
                    want,
                    error,
                    allowed,
                    SEED));
        }
        if (error / allowed > worst) {
            worst = error / allowed;
            worstAt = index;
        }
    }

    /** The worst since it was last asked, for the summary; a case has too many elements to name each. */
    private void note(String result) {
        if (worst > 0) {
            Worst.note(device + " " + label.split(" ")[0] + " " + result, worst, where() + place(worstAt));
        }
        worst = 0;
    }

    private static String place(int index) {
        return index == ALONG ? " along a direction" : "[" + index + "]";
    }

    private Case caseOf(String result, double want) {
        Sum sum = sums.getOrDefault(result, new Sum(1, c -> 0));
        double u = backend.precision().unitRoundoff();
        double partial = sum.size().applyAsDouble(new Case(result, u, sum.terms(), want, known));
        return new Case(result, u, sum.terms(), Math.max(want, partial), known);
    }

    private String where() {
        StringBuilder text = new StringBuilder(label + " on " + device);
        inputs.values().forEach(i -> text.append(", " + i.name() + i.shape() + " " + i.kind()));
        return text.toString();
    }

    private In<double[]> doubles() {
        Map<String, double[]> values = new LinkedHashMap<>();
        inputs.values().forEach(i -> values.put(i.name(), doubles(i.values())));
        return new In<>(values);
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private Random random(String use) {
        return new Random(SEED * 31 + (label + "/" + use).hashCode());
    }
}
