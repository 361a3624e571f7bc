package ddpm.model.unet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.UserError;
import ddpm.config.Yaml;
import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.AttentionOps;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.LayoutOps.Padding;
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
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The network's options and image sizes; that it computes what the reference does is in {@code ddpm.verify}. */
class UNetTest {
    private static final String TINY =
            "down_channels: [8, 16, 16], mid_channels: [16, 24, 16], down_sample: [true, true],"
                    + " time_emb_dim: 8, num_down_layers: 1, num_mid_layers: 1, num_up_layers: 1, num_heads: 2, norm_groups: 4,"
                    + " conv_out_channels: 8";

    private static UNetConfig config(String more) {
        ObjectNode keys = (ObjectNode) Yaml.parse("{" + TINY + "}", "test");
        return UNetConfig.of(keys.setAll((ObjectNode) Yaml.parse("{" + more + "}", "test")));
    }

    /** Values that are neither small nor symmetric, the same for the same count. */
    private static float[] values(int count, int key) {
        float[] v = new float[count];
        for (int i = 0; i < count; i++) {
            v[i] = (float) FormulaWeights.u(7, key, i);
        }
        return v;
    }

    private static Tensor image(Scope scope, long n, long h, long w, long c) {
        return scope.tensor(Shape.of(n, h, w, c), values((int) (n * h * w * c), 1));
    }

    private static Tensor timesteps(Scope scope, int n) {
        float[] t = new float[n];
        for (int i = 0; i < n; i++) {
            t[i] = 100 + 300 * i;
        }
        return scope.tensor(Shape.of(n), t);
    }

    /** 29x27 by hand: 1 row above and 2 below to 32, 1 column right to 28. */
    @OnEachDevice
    void oddSizesArePaddedAndCropped(Device device) {
        Padding padding = new Padding(1, 2, 0, 1);
        try (UNet net = new UNet(config(""), new Parameters(device.backend(), 3));
                Scope scope = Scope.on(device.backend())) {
            Tensor x = image(scope, 2, 29, 27, 1);
            Tensor t = timesteps(scope, 2);
            Tensor y = net.forward(x, t);
            assertEquals(x.shape(), y.shape());
            assertArrayEquals(net.forward(x.pad(padding), t).crop(padding).toFloats(), y.toFloats());
        }
    }

    @OnEachDevice
    void anySizeAndChannels(Device device) {
        try (UNet net = new UNet(config("im_channels: 3, out_channels: 6"), new Parameters(device.backend(), 3));
                Scope scope = Scope.on(device.backend())) {
            for (long[] hw : new long[][] {{8, 20}, {1, 1}, {5, 12}, {4, 4}}) {
                Tensor y = net.forward(image(scope, 2, hw[0], hw[1], 3), timesteps(scope, 2));
                assertEquals(Shape.of(2, hw[0], hw[1], 6), y.shape());
                for (float v : y.toFloats()) {
                    assertTrue(Float.isFinite(v));
                }
            }
        }
    }

    @OnEachDevice
    void attentionIsChosenPerLevel(Device device) {
        Set<String> all = names(device, "");
        Set<String> bottom = names(device, "attention: [false, true]");
        Set<String> none = names(device, "attention: [false, false], mid_attention: false");
        Set<String> gone = new HashSet<>(all);
        gone.removeAll(bottom);
        assertTrue(all.containsAll(bottom), "the others keep their names");
        assertFalse(gone.isEmpty());
        // level 0 and its twin, the last on the way up
        assertTrue(gone.stream().allMatch(n -> n.startsWith("downs.0.attention") || n.startsWith("ups.1.attention")));
        gone = new HashSet<>(all);
        gone.removeAll(none);
        assertTrue(all.containsAll(none));
        assertEquals(6 * 6, gone.size(), "six units of a norm and an attention");
        assertTrue(gone.stream().allMatch(n -> n.contains(".attention")));
    }

    private static Set<String> names(Device device, String more) {
        try (UNet net = new UNet(config(more), new Parameters(device.backend(), 3));
                Scope scope = Scope.on(device.backend())) {
            assertEquals(
                    Shape.of(1, 8, 8, 1),
                    net.forward(image(scope, 1, 8, 8, 1), timesteps(scope, 1)).shape());
            return net.parameters().toHost().keySet();
        }
    }

    @OnEachDevice
    void headsAndGroupsMatter(Device device) {
        float[] two = output(device, "");
        assertArrayEquals(two, output(device, ""));
        assertFalse(Arrays.equals(two, output(device, "num_heads: 4")));
        assertFalse(Arrays.equals(two, output(device, "norm_groups: 8")));
    }

    /** Widths of multiples of 3: what the reference fixes at 16 channels, 8 groups and 4 heads follows the options here. */
    @OnEachDevice
    void nothingIsFixedAtPowersOfTwo(Device device) {
        float[] y = output(
                device,
                "down_channels: [6, 12, 15], mid_channels: [15, 18, 12], norm_groups: 3, num_heads: 3, conv_out_channels: 9");
        assertEquals(2 * 8 * 8, y.length);
    }

    private static float[] output(Device device, String more) {
        try (UNet net = new UNet(config(more), new Parameters(device.backend(), 3));
                Scope scope = Scope.on(device.backend())) {
            return net.forward(image(scope, 2, 8, 8, 1), timesteps(scope, 2)).toFloats();
        }
    }

    /** A rule of the device, not of the configuration. Here one that takes heads of 8, and one of 2. */
    @OnEachDevice
    void headsTooWideForTheDeviceAreRefused(Device device) {
        UNetConfig two = config("");
        new UNet(two, new Parameters(taking(device, 12), 3)).close();
        long before = device.backend().memory().stats().usedBytes();
        var e = assertThrows(UserError.class, () -> new UNet(two, new Parameters(taking(device, 8), 3)));
        assertEquals(
                "model.num_heads: heads=2 makes each head of C=24 (model.mid_channels[1]) 12 wide, the attention of "
                        + device.backend().name() + " takes at most 8; choose 4, or --device cpu",
                e.getMessage());
        var all = assertThrows(
                UserError.class, () -> new UNet(config("num_heads: 4"), new Parameters(taking(device, 2), 3)));
        assertTrue(all.getMessage().startsWith("2 problems in the configuration:"), all.getMessage());
        assertTrue(all.getMessage().contains("C=24 (model.mid_channels[1]) 6 wide"), all.getMessage());
        assertTrue(all.getMessage().contains("; make model.mid_channels[1] smaller, or"), all.getMessage());
        assertEquals(before, device.backend().memory().stats().usedBytes());
    }

    /** The device, as if its attention took no wider heads. */
    private static Backend taking(Device device, long widestHead) {
        ClassLoader loader = UNetTest.class.getClassLoader();
        Object attention =
                Proxy.newProxyInstance(loader, new Class<?>[] {AttentionOps.class}, (p, method, args) -> widestHead);
        return (Backend) Proxy.newProxyInstance(
                loader,
                new Class<?>[] {Backend.class},
                (p, method, args) ->
                        method.getName().equals("attention") ? attention : method.invoke(device.backend(), args));
    }

    /** Every activation is discarded after its last use; and what the tape keeps does not change the result. */
    @OnEachDevice
    void inferenceHoldsNothingButTheResult(Device device) {
        try (UNet net = new UNet(config(""), new Parameters(device.backend(), 3));
                Scope scope = Scope.on(device.backend());
                Scope recording = Scope.recording(device.backend())) {
            Tensor x = image(scope, 2, 9, 8, 1);
            Tensor t = timesteps(scope, 2);
            long before = scope.liveBytes();
            Tensor y = net.forward(x, t);
            long bytes = y.buffer().bytes();
            assertEquals(before + bytes, scope.liveBytes());
            assertArrayEquals(y.toFloats(), net.forward(x.in(recording), t).toFloats());
        }
    }

    @OnEachDevice
    void wrongInputsAreNamed(Device device) {
        try (UNet net = new UNet(config(""), new Parameters(device.backend(), 3));
                Scope scope = Scope.on(device.backend())) {
            Tensor x = image(scope, 2, 8, 8, 1);
            Tensor rgb = image(scope, 2, 8, 8, 3);
            var channels = assertThrows(TensorException.class, () -> net.forward(rgb, timesteps(scope, 2)));
            assertEquals("unet: x=[N=2,H=8,W=8,C=3] has 3 channels, the model im_channels=1", channels.getMessage());
            var count = assertThrows(TensorException.class, () -> net.forward(x, timesteps(scope, 3)));
            assertEquals("unet: needs one time per image, F32 [2], got F32 [3]", count.getMessage());
        }
    }

    /** Through the file's layout and back, bit for bit, also into a network that began elsewhere. */
    @OnEachDevice
    void weightsSurviveTheFileLayout(Device device) {
        try (UNet one = new UNet(config(""), new Parameters(device.backend(), 3));
                UNet other = new UNet(config(""), new Parameters(device.backend(), 4))) {
            Map<String, HostTensor> saved = one.parameters().toHost();
            assertNotEquals(saved, other.parameters().toHost());
            other.parameters().load(saved);
            assertEquals(saved, other.parameters().toHost());
            for (int i = 0; i < saved.size(); i++) {
                assertArrayEquals(
                        one.parameters().tensors().get(i).toFloats(),
                        other.parameters().tensors().get(i).toFloats());
            }
        }
    }

    /**
     * L = sum((y - r)^2) / 2 along the direction of its own gradient: (L(p + h d) - L(p - h d)) / 2h must be |gradient|, for all
     * parameters together and for each kind alone.
     */
    @OnEachDevice
    void gradientsAreDifferences(Device device) {
        for (String options :
                List.of("", "attention: [false, true], im_channels: 3, num_up_layers: 2", "num_heads: 1")) {
            try (UNet net = new UNet(config(options), new Parameters(device.backend(), 3))) {
                Map<String, float[]> gradients = gradients(net);
                for (String kind : List.of("", "t_", "conv", "resnet", "attention", "sample_conv", "norm_out")) {
                    checkDirection(net, gradients, kind, options);
                }
            }
        }
    }

    private static void checkDirection(UNet net, Map<String, float[]> gradients, String kind, String options) {
        double norm = Math.sqrt(gradients.entrySet().stream()
                .filter(e -> e.getKey().contains(kind))
                .flatMap(e -> IntStream.range(0, e.getValue().length).mapToObj(i -> (double) e.getValue()[i]))
                .mapToDouble(g -> g * g)
                .sum());
        double step = 2e-3;
        double up = lossAlong(net, gradients, kind, step / norm);
        double down = lossAlong(net, gradients, kind, -step / norm);
        double slope = (up - down) / (2 * step);
        // L is a sum of float32 results, good to about 1e-6 of its terms: 1e-5 / step; the third derivative takes the
        // rest
        assertEquals(norm, slope, 1e-2 * norm + 5e-3, "'" + kind + "' of {" + options + "}");
    }

    private static Map<String, float[]> gradients(UNet net) {
        try (Scope scope = Scope.recording(net.parameters().backend())) {
            Gradients g = scope.tape().backward(loss(net, scope));
            Map<String, float[]> host = new LinkedHashMap<>();
            net.parameters()
                    .list()
                    .forEach(p -> host.put(p.name(), g.of(p.value()).toFloats()));
            return host;
        }
    }

    private static Tensor loss(UNet net, Scope scope) {
        int c = net.config().imChannels();
        Tensor y = net.forward(image(scope, 2, 7, 6, c), timesteps(scope, 2));
        Tensor r = scope.tensor(y.shape(), values((int) y.count(), 2));
        return y.mse(r).scale(y.count() / 2f);
    }

    private static double lossAlong(UNet net, Map<String, float[]> gradients, String kind, double step) {
        Backend backend = net.parameters().backend();
        Map<String, HostTensor> kept = net.parameters().toHost();
        for (Parameter p : net.parameters().list()) {
            if (p.name().contains(kind)) {
                float[] v = p.value().toFloats();
                float[] g = gradients.get(p.name());
                for (int i = 0; i < v.length; i++) {
                    v[i] += (float) (step * g[i]);
                }
                backend.memory().upload(v, p.value().buffer());
            }
        }
        try (Scope scope = Scope.on(backend)) {
            return loss(net, scope).item();
        } finally {
            net.parameters().load(kept);
        }
    }
}
