package ddpm.engine.backend;

import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.OptimizerOps.AdamStep;
import ddpm.engine.backend.OptimizerOps.ClipStep;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.optim.AdamConfig;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class OptimizerOpsTest {
    private static final int[] SIZES = {1, 7, 64, 1023, 70_001};
    private static final int STEPS = 5;
    private static final double LR = 1e-2;

    /** One parameter in double: torch.optim.Adam's and AdamW's single-tensor formulas. */
    private static final class Reference {
        final double[] p;
        final double[] m;
        final double[] v;

        Reference(float[] start) {
            p = doubles(start);
            m = new double[p.length];
            v = new double[p.length];
        }

        void step(AdamConfig g, int step, float gradScale, float[] grad) {
            double correction1 = 1 - Math.pow(g.beta1(), step);
            double correction2 = 1 - Math.pow(g.beta2(), step);
            for (int i = 0; i < p.length; i++) {
                double d = (double) grad[i] * gradScale;
                if (g.decoupled()) {
                    p[i] *= 1 - LR * g.weightDecay();
                } else {
                    d += g.weightDecay() * p[i];
                }
                m[i] = g.beta1() * m[i] + (1 - g.beta1()) * d;
                v[i] = g.beta2() * v[i] + (1 - g.beta2()) * d * d;
                p[i] -= LR / correction1 * m[i] / (Math.sqrt(v[i]) / Math.sqrt(correction2) + g.eps());
            }
        }
    }

    @OnEachDevice
    void adam(Device device) {
        for (double weightDecay : new double[] {0, 0.1}) {
            for (boolean decoupled : new boolean[] {false, true}) {
                for (float gradScale : new float[] {1, 0.25f}) {
                    for (double size : new double[] {1, 1e-6}) { // of the gradients: with and without eps in the way
                        adam(device, weightDecay, decoupled, gradScale, size);
                    }
                }
            }
        }
    }

    private static void adam(Device device, double weightDecay, boolean decoupled, float gradScale, double size) {
        Random random = new Random(OpCheck.SEED);
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            List<OptimizerOps.Slot> slots = new ArrayList<>();
            List<Tensor[]> tensors = new ArrayList<>();
            List<Reference> want = new ArrayList<>();
            for (int n : SIZES) {
                float[] start = gaussians(random, n, 1);
                Shape shape = Shape.of(n);
                Tensor[] t = {scope.tensor(shape, start), scope.empty(shape), scope.zeros(shape), scope.zeros(shape)};
                tensors.add(t);
                slots.add(new OptimizerOps.Slot(n, t[0].buffer(), t[1].buffer(), t[2].buffer(), t[3].buffer()));
                want.add(new Reference(start));
            }
            AdamConfig config = new AdamConfig(0.9, 0.999, 1e-8, weightDecay, decoupled);
            for (int step = 1; step <= STEPS; step++) {
                for (int s = 0; s < SIZES.length; s++) {
                    float[] grad = gaussians(random, SIZES[s], size);
                    scope.backend().memory().upload(grad, tensors.get(s)[1].buffer());
                    want.get(s).step(config, step, gradScale, grad);
                }
                adam(scope, config, step, state(scope, gradScale, 1), slots);
            }
            for (int s = 0; s < SIZES.length; s++) {
                Reference r = want.get(s);
                double largest = 0;
                for (double p : r.p) {
                    largest = Math.max(largest, Math.abs(p));
                }
                double d = 6 * (gradScale * size + (decoupled ? 0 : weightDecay * largest)); // bound of a gradient
                // m and v keep rounding errors of each step; m / sqrt(v) is about one, so p adds some U lr a step
                // the difference rounds p; a decoupled decay rounds once more, and so does its factor
                close("p", r.p, tensors.get(s)[0], U * STEPS * ((decoupled ? 3 : 1) * largest + 16 * LR));
                close("m", r.m, tensors.get(s)[2], 4 * U * STEPS * d * 0.1);
                close("v", r.v, tensors.get(s)[3], 4 * U * STEPS * d * d * 1e-3);
            }
        }
    }

    private static void adam(Scope scope, AdamConfig config, int step, Tensor state, List<OptimizerOps.Slot> slots) {
        UpdateNumbers now = config.numbers(step - 1, 0, LR);
        AdamStep g = new AdamStep(
                config.beta1(), config.beta2(), config.eps(), config.decoupled() ? 0 : config.weightDecay(), true);
        scope.backend().optimizer().adam(g, numbers(scope, now), state.buffer(), slots);
    }

    private static Buffer numbers(Scope scope, UpdateNumbers now) {
        return scope.tensor(Shape.of(UpdateNumbers.WORDS), now.toWords()).buffer();
    }

    private static Tensor state(Scope scope, float gradScale, float good) {
        return scope.tensor(Shape.of(4), new float[] {0, gradScale, good, 0});
    }

    private static void close(String what, double[] want, Tensor tensor, double tolerance) {
        float[] got = tensor.toFloats();
        for (int i = 0; i < got.length; i++) {
            assertEquals(want[i], got[i], tolerance, what + "[" + i + "] of " + got.length);
        }
    }

    /** The same slots one by one give the same bits: blocks do not reach into each other. */
    @OnEachDevice
    void slotsAreIndependent(Device device) {
        List<float[]> together = step(device, true);
        List<float[]> apart = step(device, false);
        for (int i = 0; i < together.size(); i++) {
            assertArrayEquals(together.get(i), apart.get(i));
        }
    }

    private static List<float[]> step(Device device, boolean together) {
        Random random = new Random(OpCheck.SEED);
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            List<OptimizerOps.Slot> slots = new ArrayList<>();
            List<Tensor> parameters = new ArrayList<>();
            for (int n : SIZES) {
                Buffer[] b = new Buffer[4];
                for (int k = 0; k < 4; k++) {
                    float[] values = gaussians(random, n, 1);
                    Tensor t = scope.tensor(Shape.of(n), k == 3 ? squares(values) : values);
                    b[k] = t.buffer();
                    if (k == 0) {
                        parameters.add(t);
                    }
                }
                slots.add(new OptimizerOps.Slot(n, b[0], b[1], b[2], b[3]));
            }
            Tensor state = state(scope, 1, 1);
            if (together) {
                adam(scope, AdamConfig.adam(), 3, state, slots);
            } else {
                slots.forEach(s -> adam(scope, AdamConfig.adam(), 3, state, List.of(s)));
            }
            return parameters.stream().map(Tensor::toFloats).toList();
        }
    }

    @OnEachDevice
    void ema(Device device) {
        Random random = new Random(OpCheck.SEED);
        for (double decay : new double[] {0, 0.5, 0.999, 0.9999}) {
            try (Scope scope = Scope.on(new Guarded(device.backend()))) {
                List<Long> n = new ArrayList<>();
                List<Tensor> p = new ArrayList<>();
                List<Tensor> average = new ArrayList<>();
                List<double[]> want = new ArrayList<>();
                for (int size : SIZES) {
                    float[] start = gaussians(random, size, 1);
                    n.add((long) size);
                    p.add(scope.empty(Shape.of(size)));
                    average.add(scope.tensor(Shape.of(size), start));
                    want.add(doubles(start));
                }
                double largest = 0;
                for (int step = 0; step < STEPS; step++) {
                    for (int s = 0; s < SIZES.length; s++) {
                        float[] values = gaussians(random, SIZES[s], 1);
                        scope.backend().memory().upload(values, p.get(s).buffer());
                        double[] w = want.get(s);
                        for (int i = 0; i < w.length; i++) {
                            w[i] = decay * w[i] + (1 - decay) * values[i];
                            largest = Math.max(largest, Math.abs(w[i]));
                        }
                    }
                    Buffer numbers = numbers(scope, new UpdateNumbers(0, 0, 0, 0, 7, 8, (float) (1 - decay)));
                    Buffer state = state(scope, 1, 1).buffer();
                    scope.backend().optimizer().ema(2, numbers, state, n, buffers(p), buffers(average));
                }
                for (int s = 0; s < SIZES.length; s++) {
                    close("ema", want.get(s), average.get(s), 2 * U * STEPS * largest);
                }
            }
        }
    }

    /** Summed in double and rounded once; the factor is PyTorch's; loss and norm are in the step's slot, no other. */
    @OnEachDevice
    void clip(Device device) {
        Random random = new Random(OpCheck.SEED);
        for (double size : new double[] {1, 1e-20, 1e15}) { // squares leave the range of float
            for (float maxNorm : new float[] {0, 0.1f, 1e30f}) {
                try (Scope scope = Scope.on(new Guarded(device.backend()))) {
                    List<Tensor> grads = new ArrayList<>();
                    double sum = 0;
                    for (int count : SIZES) {
                        float[] values = gaussians(random, count, size);
                        for (float v : values) {
                            sum += (double) v * v;
                        }
                        grads.add(scope.tensor(Shape.of(count), values));
                    }
                    double want = Math.sqrt(sum);
                    Tensor state = state(scope, Float.NaN, 1);
                    Tensor results = scope.tensor(Shape.of(3, 2), new float[] {1, 2, 3, 4, 5, 6});
                    clip(scope, maxNorm, 1, 0.25f, grads, state, results);
                    float[] s = state.toFloats();
                    assertEquals(want, s[0], U * want);
                    double scale = maxNorm == 0 ? 1 : Math.min(1, maxNorm / (want + 1e-6));
                    assertEquals(scale, s[1], 4 * U * scale);
                    assertEquals(1, s[2]);
                    assertArrayEquals(new float[] {1, 2, 0.25f, s[0], 5, 6}, results.toFloats());
                }
            }
        }
    }

    private static void clip(
            Scope scope, float maxNorm, int slot, float loss, List<Tensor> grads, Tensor state, Tensor results) {
        Buffer numbers = numbers(scope, new UpdateNumbers(slot, 0, 0, 0));
        Buffer lossNow = scope.tensor(Shape.of(), new float[] {loss}).buffer();
        List<Long> n = grads.stream().map(Tensor::count).toList();
        scope.backend()
                .optimizer()
                .clip(new ClipStep(maxNorm), numbers, lossNow, n, buffers(grads), state.buffer(), results.buffer());
    }

    /** A loss or a gradient that is not finite stops all updates from there on, also when the next ones are finite. */
    @OnEachDevice
    void nothingMovesAfterNan(Device device) {
        float[] bad = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        for (int k = 0; k < 2 * bad.length; k++) {
            float loss = k < bad.length ? bad[k] : 1;
            float grad = k < bad.length ? 1 : bad[k - bad.length];
            try (Scope scope = Scope.on(new Guarded(device.backend()))) {
                Shape shape = Shape.of(3);
                Tensor g = scope.tensor(shape, new float[] {1, grad, 1});
                Tensor p = scope.tensor(shape, new float[] {4, 5, 6});
                Tensor m = scope.zeros(shape);
                Tensor v = scope.zeros(shape);
                Tensor average = scope.zeros(shape);
                Tensor state = state(scope, 1, 1);
                Tensor results = scope.zeros(Shape.of(2, 2));
                clip(scope, 1, 0, loss, List.of(g), state, results);
                scope.backend().memory().upload(new float[] {1, 1, 1}, g.buffer());
                clip(scope, 1, 1, 2, List.of(g), state, results);
                float[] got = results.toFloats();
                assertTrue(!Float.isFinite(got[0]) || !Float.isFinite(got[1]), "the first slot tells which");
                assertEquals(2, got[2]);
                assertEquals((float) Math.sqrt(3), got[3]);
                assertEquals(0, state.toFloats()[2]);
                var slot = new OptimizerOps.Slot(3, p.buffer(), g.buffer(), m.buffer(), v.buffer());
                adam(scope, AdamConfig.adamW(), 1, state, List.of(slot));
                Buffer numbers = numbers(scope, new UpdateNumbers(0, 0, 0, 0, 0.5f));
                scope.backend()
                        .optimizer()
                        .ema(0, numbers, state.buffer(), List.of(3L), List.of(p.buffer()), List.of(average.buffer()));
                assertArrayEquals(new float[] {4, 5, 6}, p.toFloats());
                for (Tensor t : List.of(m, v, average)) {
                    assertArrayEquals(new float[3], t.toFloats());
                }
            }
        }
    }

    private static List<Buffer> buffers(List<Tensor> tensors) {
        return tensors.stream().map(Tensor::buffer).toList();
    }

    private static float[] gaussians(Random random, int count, double std) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (std * random.nextGaussian());
        }
        return values;
    }

    private static float[] squares(float[] values) {
        float[] out = values.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] *= out[i];
        }
        return out;
    }

    private static double[] doubles(float[] values) {
        double[] out = new double[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = values[i];
        }
        return out;
    }
}
