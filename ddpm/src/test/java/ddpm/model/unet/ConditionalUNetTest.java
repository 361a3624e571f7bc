package ddpm.model.unet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.config.Yaml;
import ddpm.diffusion.Condition;
import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.verify.network.FormulaWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A network that knows classes: one tensor more, and without a label the network that it would be without. */
class ConditionalUNetTest {
    private static final String TINY =
            "{down_channels: [8, 16], mid_channels: [16, 8], down_sample: [true], time_emb_dim: 8, num_down_layers: 1,"
                    + " num_mid_layers: 1, num_up_layers: 1, num_heads: 2, norm_groups: 4, conv_out_channels: 8}";

    private static UNetConfig config(String classes) {
        return UNetConfig.of(Yaml.parse(TINY, "test")).withClasses(classes);
    }

    private static float[] values(int count) {
        float[] v = new float[count];
        for (int i = 0; i < count; i++) {
            v[i] = (float) FormulaWeights.u(7, 1, i);
        }
        return v;
    }

    private static float[] predict(Backend backend, UNetConfig config, long seed, int... labels) {
        try (UNet net = new UNet(config, new Parameters(backend, seed));
                Scope scope = Scope.on(backend)) {
            Tensor x = scope.tensor(Shape.of(3, 8, 8, 1), values(192));
            Tensor time = scope.tensor(Shape.of(3), new float[] {1, 500, 999});
            Condition told = labels.length == 0 ? Condition.NONE : Condition.of(scope, labels);
            return net.predict(x, time, told).toFloats();
        }
    }

    /** The parameters of the reference come first, with the values that they have without classes. */
    @OnEachDevice
    void oneTensorMore(Device device) {
        try (UNet plain = new UNet(config("none"), new Parameters(device.backend(), 5));
                UNet told = new UNet(config("10"), new Parameters(device.backend(), 5))) {
            Map<String, HostTensor> all = told.parameters().toHost();
            List<String> names = new ArrayList<>(all.keySet());
            assertEquals("class_emb.weight", names.get(names.size() - 1));
            assertArrayEquals(new long[] {10, 8}, all.get("class_emb.weight").shape());
            Map<String, HostTensor> without = plain.parameters().toHost();
            assertEquals(names.subList(0, names.size() - 1), new ArrayList<>(without.keySet()));
            without.forEach((name, tensor) -> assertEquals(tensor, all.get(name), name));
        }
    }

    /** Bit for bit; a label changes its own image alone. */
    @OnEachDevice
    void noLabelAddsNothing(Device device) {
        float[] want = predict(device.backend(), config("none"), 5);
        assertArrayEquals(want, predict(device.backend(), config("10"), 5));
        assertArrayEquals(want, predict(device.backend(), config("10"), 5, -1, -1, -1));
        float[] one = predict(device.backend(), config("10"), 5, -1, 3, -1);
        int differ = 0;
        for (int i = 0; i < want.length; i++) {
            if (i / 64 == 1) {
                differ += want[i] != one[i] ? 1 : 0;
            } else {
                assertEquals(want[i], one[i], "value " + i + " of an image without a label");
            }
        }
        assertTrue(differ > 32, differ + " values of the image with a label differ");
    }

    /** Every parameter gets a gradient, also where no image has a label. */
    @OnEachDevice
    void gradientsOfTheClasses(Device device) {
        for (int[] labels : List.of(new int[] {2, 0, 2}, new int[] {-1, -1, -1})) {
            try (UNet net = new UNet(config("4"), new Parameters(device.backend(), 5));
                    Scope scope = Scope.recording(device.backend())) {
                Tensor x = scope.tensor(Shape.of(3, 8, 8, 1), values(192));
                Tensor time = scope.tensor(Shape.of(3), new float[] {1, 500, 999});
                Tensor loss = net.predict(x, time, Condition.of(scope, labels)).mse(scope.zeros(x.shape()));
                Gradients gradients = scope.tape().backward(loss);
                net.parameters().tensors().forEach(gradients::of);
                Parameter classes = net.parameters().get("class_emb.weight");
                float[] d = gradients.of(classes.value()).toFloats();
                for (int k = 0; k < 4; k++) {
                    boolean used = labels[0] >= 0 && (k == 0 || k == 2);
                    boolean any = false;
                    for (int j = 0; j < 8; j++) {
                        any |= d[8 * k + j] != 0;
                    }
                    assertEquals(used, any, "gradient of class " + k);
                }
            }
        }
    }

    @OnEachDevice
    void labelsThatDoNotFit(Device device) {
        TensorException without =
                assertThrows(TensorException.class, () -> predict(device.backend(), config("none"), 5, 0, 0, 0));
        assertTrue(without.getMessage().contains("network without classes"), without.getMessage());
        TensorException count =
                assertThrows(TensorException.class, () -> predict(device.backend(), config("4"), 5, 0, 0));
        assertTrue(count.getMessage().contains("one label per image, I32 [3]"), count.getMessage());
    }

    @Test
    void theSetting() {
        assertEquals("none", UNetConfig.of(Yaml.parse(TINY, "test")).classes());
        for (String wrong : List.of("0", "-1", "many", "1000001", "ten")) {
            UserError e = assertThrows(
                    UserError.class,
                    () -> UNetConfig.of(Yaml.parse(TINY.replace("}", ", classes: " + wrong + "}"), "test")));
            assertTrue(e.getMessage().contains("model.classes"), e.getMessage());
            assertTrue(e.getMessage().contains(wrong), e.getMessage());
        }
        assertFalse(UNetConfig.of(Yaml.parse(TINY.replace("}", ", classes: auto}"), "test"))
                .classes()
                .isEmpty());
    }
}
