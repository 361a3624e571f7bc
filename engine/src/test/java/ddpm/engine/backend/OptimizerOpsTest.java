package ddpm.engine.backend;

import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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

        void step(AdamStep g, float[] grad) {
            double correction1 = 1 - Math.pow(g.beta1(), g.step());
            double correction2 = 1 - Math.pow(g.beta2(), g.step());
            for (int i = 0; i < p.length; i++) {
                double d = (double) grad[i] * g.gradScale();
                if (g.decoupled()) {
                    p[i] *= 1 - g.lr() * g.weightDecay();
                } else {
                    d += g.weightDecay() * p[i];
                }
                m[i] = g.beta1() * m[i] + (1 - g.beta1()) * d;
                v[i] = g.beta2() * v[i] + (1 - g.beta2()) * d * d;
                p[i] -= g.lr() / correction1 * m[i] / (Math.sqrt(v[i]) / Math.sqrt(correction2) + g.eps());
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
        double lr = 1e-2;
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
            for (int step = 1; step <= STEPS; step++) {
                AdamStep g = new AdamStep(lr, 0.9, 0.999, 1e-8, weightDecay, decoupled, step, gradScale);
                for (int s = 0; s < SIZES.length; s++) {
                    float[] grad = gaussians(random, SIZES[s], size);
                    scope.backend().memory().upload(grad, tensors.get(s)[1].buffer());
                    want.get(s).step(g, grad);
                }
                scope.backend().optimizer().adam(g, slots);
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
                close("p", r.p, tensors.get(s)[0], U * STEPS * ((decoupled ? 3 : 1) * largest + 16 * lr));
                close("m", r.m, tensors.get(s)[2], 4 * U * STEPS * d * 0.1);
                close("v", r.v, tensors.get(s)[3], 4 * U * STEPS * d * d * 1e-3);
            }
        }
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
        AdamStep g = new AdamStep(1e-3, 0.9, 0.999, 1e-8, 0, false, 3, 1);
        List<float[]> together = step(device, g, true);
        List<float[]> apart = step(device, g, false);
        for (int i = 0; i < together.size(); i++) {
            assertArrayEquals(together.get(i), apart.get(i));
        }
    }

    private static List<float[]> step(Device device, AdamStep g, boolean together) {
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
            if (together) {
                scope.backend().optimizer().adam(g, slots);
            } else {
                slots.forEach(s -> scope.backend().optimizer().adam(g, List.of(s)));
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
                    scope.backend().optimizer().ema(decay, n, buffers(p), buffers(average));
                }
                for (int s = 0; s < SIZES.length; s++) {
                    close("ema", want.get(s), average.get(s), 2 * U * STEPS * largest);
                }
            }
        }
    }

    /** Accumulated in double: one rounding of each float's square at most. */
    @OnEachDevice
    void globalNorm(Device device) {
        Random random = new Random(OpCheck.SEED);
        for (double size : new double[] {1, 1e-20, 1e15}) { // squares leave the range of float
            try (Scope scope = Scope.on(new Guarded(device.backend()))) {
                List<Long> n = new ArrayList<>();
                List<Tensor> grads = new ArrayList<>();
                double sum = 0;
                for (int count : SIZES) {
                    float[] values = gaussians(random, count, size);
                    for (float v : values) {
                        sum += (double) v * v;
                    }
                    n.add((long) count);
                    grads.add(scope.tensor(Shape.of(count), values));
                }
                double want = Math.sqrt(sum);
                assertEquals(want, scope.backend().optimizer().globalNorm(n, buffers(grads)), 1e-12 * want);
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
