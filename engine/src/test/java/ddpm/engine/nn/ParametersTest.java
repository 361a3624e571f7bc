package ddpm.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Backend;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class ParametersTest {
    private static Parameters model(Backend backend, long seed) {
        Parameters p = new Parameters(backend, seed);
        new Conv2d(p, "z", 3, 5, 2, 1, 0);
        new ConvTranspose2d(p, "a", 4, 6, 3, 1, 0);
        new Linear(p, "l", 7, 2);
        new GroupNorm(p, "n", 2, 4);
        new MultiHeadAttention(p, "m", 8, 2);
        return p;
    }

    @OnEachDevice
    void namesAndShapesArePyTorchs(Device device) {
        try (Parameters p = model(device.backend(), 1)) {
            List<String> got = new ArrayList<>();
            p.toHost().forEach((name, t) -> got.add(name + " " + t));
            assertEquals(
                    List.of(
                            "z.weight F32[5, 3, 2, 2]",
                            "z.bias F32[5]",
                            "a.weight F32[4, 6, 3, 3]",
                            "a.bias F32[6]",
                            "l.weight F32[2, 7]",
                            "l.bias F32[2]",
                            "n.weight F32[4]",
                            "n.bias F32[4]",
                            "m.in_proj_weight F32[24, 8]",
                            "m.in_proj_bias F32[24]",
                            "m.out_proj.weight F32[8, 8]",
                            "m.out_proj.bias F32[8]"),
                    got);
            assertEquals(60 + 5 + 216 + 6 + 14 + 2 + 4 + 4 + 192 + 24 + 64 + 8, p.count());
            assertEquals(Shape.of(5, 2, 2, 3), p.get("z.weight").value().shape());
            assertThrows(TensorException.class, () -> p.get("nobody"));
            var twice = assertThrows(TensorException.class, () -> new Linear(p, "l", 7, 2));
            assertTrue(twice.getMessage().contains("'l.weight' is created twice"), twice.getMessage());
        }
    }

    /** Within the bound and near it, with the mean and variance of the uniform distribution. */
    @OnEachDevice
    void initialValuesAreDistributedAsPyTorchs(Device device) {
        try (Parameters p = new Parameters(device.backend(), 9)) {
            new Conv2d(p, "c", 16, 32, 3, 1, 1);
            new ConvTranspose2d(p, "t", 16, 32, 4, 2, 1);
            new Linear(p, "l", 64, 48);
            new MultiHeadAttention(p, "m", 32, 4);
            new GroupNorm(p, "n", 4, 32);
            assertUniform(p, "c.weight", 1 / Math.sqrt(16 * 9));
            assertUniform(p, "c.bias", 1 / Math.sqrt(16 * 9));
            assertUniform(p, "t.weight", 1 / Math.sqrt(32 * 16)); // PyTorch takes Cout for the fan_in
            assertUniform(p, "t.bias", 1 / Math.sqrt(32 * 16));
            assertUniform(p, "l.weight", 1 / Math.sqrt(64));
            assertUniform(p, "l.bias", 1 / Math.sqrt(64));
            assertUniform(p, "m.in_proj_weight", Math.sqrt(6.0 / (32 + 96)));
            assertUniform(p, "m.out_proj.weight", 1 / Math.sqrt(32));
            assertConstant(p, "m.in_proj_bias", 0);
            assertConstant(p, "m.out_proj.bias", 0);
            assertConstant(p, "n.weight", 1);
            assertConstant(p, "n.bias", 0);
        }
    }

    private static void assertUniform(Parameters p, String name, double bound) {
        float[] v = p.get(name).value().toFloats();
        double sum = 0;
        double squares = 0;
        double most = 0;
        for (float x : v) {
            sum += x / bound;
            squares += x / bound * x / bound;
            most = Math.max(most, Math.abs(x / bound));
        }
        int n = v.length;
        // largest of n: 1 - 1/n on average; mean: variance 1/3; squares: mean 1/3, variance 4/45; 5 standard errors
        assertTrue(most <= 1 && most > 1 - 10.0 / n, name + ": largest of its bound " + most);
        assertEquals(0, sum / n, 5 * Math.sqrt(1 / 3.0 / n), name + ": mean");
        assertEquals(1 / 3.0, squares / n, 5 * Math.sqrt(4 / 45.0 / n), name + ": mean square");
    }

    private static void assertConstant(Parameters p, String name, float want) {
        for (float x : p.get(name).value().toFloats()) {
            assertEquals(want, x, name);
        }
    }

    @OnEachDevice
    void theSeedDecides(Device device) {
        try (Parameters one = model(device.backend(), 1);
                Parameters same = model(device.backend(), 1);
                Parameters other = model(device.backend(), 2)) {
            assertEquals(one.toHost(), same.toHost());
            assertNotEquals(one.toHost(), other.toHost());
            float[] z = one.get("z.bias").value().toFloats();
            float[] a = one.get("a.bias").value().toFloats();
            // as parts of their bounds
            assertNotEquals(z[0] * Math.sqrt(12), a[0] * Math.sqrt(54), 1e-5, "each parameter has its own numbers");
        }
    }

    @OnEachDevice
    void savedAndLoadedBitForBit(Device device) {
        try (Parameters one = model(device.backend(), 1);
                Parameters other = model(device.backend(), 2);
                Scope scope = Scope.on(device.backend())) {
            Map<String, HostTensor> saved = one.toHost();
            other.load(saved);
            for (int i = 0; i < saved.size(); i++) {
                assertArrayEquals(
                        one.tensors().get(i).toFloats(), other.tensors().get(i).toFloats());
            }
            List<Tensor> moments = one.zeros(scope);
            assertEquals(0, moments.get(0).toFloats()[0]);
            one.fromHost(saved, moments);
            assertEquals(saved, one.toHost(moments));
            assertEquals(saved, one.toHost(one.copies(scope)));
            var few = assertThrows(TensorException.class, () -> one.toHost(moments.subList(1, 3)));
            assertTrue(
                    few.getMessage().contains("needs 12 tensors of the parameters' shapes, got 2"), few.getMessage());
        }
    }

    @OnEachDevice
    void whatDoesNotFitIsNamedAndNothingChanges(Device device) {
        try (Parameters p = model(device.backend(), 1)) {
            Map<String, HostTensor> good = p.toHost();
            Map<String, HostTensor> bad = new LinkedHashMap<>(good);
            bad.remove("l.bias");
            bad.put("extra", good.get("l.bias"));
            bad.put("z.bias", HostTensor.f32(new long[] {1, 5}, new float[5]));
            bad.put("a.bias", HostTensor.f64(new long[] {6}, new double[6]));
            bad.put("n.bias", HostTensor.f32(new long[] {4}, new float[] {0, 1, Float.NaN, 0}));
            var e = assertThrows(TensorException.class, () -> p.load(bad));
            for (String part : List.of(
                    "12 parameters",
                    "1 tensor missing ('l.bias')",
                    "1 tensor surplus ('extra')",
                    "1 tensor of another shape ('z.bias' is [1, 5], the model has [5])",
                    "1 tensor not F32 ('a.bias' is F64)",
                    "1 tensor with NaN or infinite values ('n.bias' has 1 of 4)",
                    "use the configuration it was trained with")) {
                assertTrue(e.getMessage().contains(part), part + " in: " + e.getMessage());
            }
            assertEquals(good, p.toHost());
            var many = assertThrows(TensorException.class, () -> p.load(Map.of()));
            assertTrue(many.getMessage().contains(" and 9 more"), many.getMessage());
        }
    }
}
