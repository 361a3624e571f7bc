package ddpm.model.unet2d;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.UserError;
import ddpm.diffusion.Condition;
import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.nn.Layout;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.huggingface.UNet2DJson;
import ddpm.model.Probe;
import ddpm.testing.Golden;
import ddpm.train.settings.ConfigLoader;
import ddpm.verify.network.FormulaWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The network against PyTorch, see the README.md of the test resources in {@code unet2d}; its options and image sizes. */
class UNet2DTest {
    private static final long IMAGES = 1_000_000;
    private static final long TARGET = 1_000_001;

    /** What the reference's README names for float32: of the output, absolute; of the loss; of a gradient's norm, relative. */
    private static final double OUTPUT = 2e-5;

    private static final double LOSS = 2e-6;
    private static final double NORM = 1e-3;

    /** Rounding alone: gradients that are zero in exact arithmetic. */
    private static final double NOTHING = 1e-7;

    private static JsonNode json(String file) {
        try {
            return new ObjectMapper()
                    .readTree(Golden.folder("unet2d").resolve(file).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static UNet2DConfig config(int i) {
        return UNet2DJson.read("case", json("cases.json").path("cases").path(i).path("config"));
    }

    /** u of a tensor, images from NCHW to [N,H,W,C]. */
    private static float[] image(long seed, long k, Shape file) {
        float[] values = new float[Math.toIntExact(file.count())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) FormulaWeights.u(seed, k, i);
        }
        return Layout.KERNEL.toEngine(file, values);
    }

    @OnEachDevice
    void computesWhatPyTorchDoes(Device device) {
        for (JsonNode facts : json("cases.json").path("cases")) {
            String name = facts.path("name").asText();
            long seed = facts.path("seed").asLong();
            UNet2DConfig config = UNet2DJson.read(name, facts.path("config"));
            long[] extents = longs(facts.path("shape"));
            Shape in = Shape.of(extents);
            Shape out = Shape.of(extents[0], config.outChannels(), extents[2], extents[3]);
            try (UNet2D net = config.create(Parameters.toLoad(device.backend()));
                    Scope scope = Scope.recording(device.backend())) {
                net.parameters().load(FormulaWeights.of(net.parameters().list(), seed));
                Tensor x = scope.leaf(Layout.KERNEL.engineShape(in), image(seed, IMAGES, in));
                Tensor y = net.forward(x, times(scope, longs(facts.path("t"))), told(scope, facts), Probe.NONE);
                float[] got = Layout.KERNEL.toFile(y.shape(), y.toFloats());
                Golden.assertClose(name, floats(facts.path("output")), got, OUTPUT);
                Tensor target = scope.tensor(y.shape(), image(seed, TARGET, out));
                Tensor loss = y.mse(target);
                assertEquals(facts.path("loss").asDouble(), loss.item(), LOSS, name);
                gradients(name, facts, net, x, scope.tape().backward(loss));
            }
        }
    }

    private static void gradients(String name, JsonNode facts, UNet2D net, Tensor x, Gradients gradients) {
        near(name + " dx", facts.path("dx_norm").asDouble(), gradients.of(x));
        JsonNode wanted = facts.path("gradient_norms");
        assertEquals(wanted.size(), net.parameters().list().size(), name);
        for (Parameter p : net.parameters().list()) {
            near(name + " " + p.name(), wanted.path(p.name()).asDouble(Double.NaN), gradients.of(p.value()));
        }
    }

    private static void near(String what, double want, Tensor gradient) {
        double squares = 0;
        for (float v : gradient.toFloats()) {
            squares += (double) v * v;
        }
        assertEquals(want, Math.sqrt(squares), NORM * want + 10 * NOTHING, what);
    }

    private static Condition told(Scope scope, JsonNode facts) {
        JsonNode labels = facts.path("labels");
        if (labels.isNull()) {
            return Condition.NONE;
        }
        int[] narrow = new int[labels.size()];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = labels.get(i).intValue();
        }
        return Condition.of(scope, narrow);
    }

    private static long[] longs(JsonNode list) {
        long[] values = new long[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).longValue();
        }
        return values;
    }

    private static float[] floats(JsonNode list) {
        float[] values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).floatValue();
        }
        return values;
    }

    private static Tensor times(Scope scope, long... t) {
        float[] times = new float[t.length];
        for (int i = 0; i < t.length; i++) {
            times[i] = t[i];
        }
        return scope.tensor(Shape.of(t.length), times);
    }

    /** Names, shapes and their order are those of diffusers: 35,746,307 parameters. */
    @OnEachDevice
    void thePresetIsTheNetworkOfGoogle(Device device) {
        JsonNode facts = json("cifar10_params.json");
        UNet2DConfig preset = (UNet2DConfig) new ConfigLoader("cifar10").load().model();
        assertEquals(UNet2DJson.read("cifar10", facts.path("config")), preset);
        try (UNet2D net = preset.create(Parameters.toLoad(device.backend()))) {
            List<String> want = new ArrayList<>();
            facts.path("parameters").forEach(p -> want.add(p.path(0).asText() + " " + p.path(1)));
            List<String> got = new ArrayList<>();
            net.parameters()
                    .list()
                    .forEach(p -> got.add(p.name() + " " + json(p.fileShape().toArray())));
            assertEquals(want, got);
            assertEquals(328, got.size());
            assertEquals(35_746_307, net.parameters().count());
        }
    }

    private static String json(long[] shape) {
        List<String> extents = new ArrayList<>();
        for (long extent : shape) {
            extents.add(String.valueOf(extent));
        }
        return "[" + String.join(",", extents) + "]";
    }

    /** 13x11 by hand: 1 row above and 2 below to 16, 0 columns left and 1 right to 12. */
    @OnEachDevice
    void oddSizesArePaddedAndCropped(Device device) {
        try (UNet2D net = config(1).create(new Parameters(device.backend(), 3));
                Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.tensor(Shape.of(2, 13, 11, 1), image(7, 1, Shape.of(2, 1, 13, 11)));
            Tensor t = times(scope, 100, 400);
            Tensor y = net.predict(x, t, Condition.NONE);
            assertEquals(Shape.of(2, 13, 11, 2), y.shape());
            Padding padding = new Padding(1, 2, 0, 1);
            Tensor want = net.predict(x.pad(padding), t, Condition.NONE).crop(padding);
            assertArrayEquals(want.toFloats(), y.toFloats());
        }
    }

    /** A label changes its own image alone, and none is as good as no labels. */
    @OnEachDevice
    void labels(Device device) {
        try (UNet2D net = config(1).create(new Parameters(device.backend(), 3));
                Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.tensor(Shape.of(2, 4, 4, 1), image(7, 1, Shape.of(2, 1, 4, 4)));
            Tensor t = times(scope, 100, 400);
            float[] none = net.predict(x, t, Condition.NONE).toFloats();
            assertArrayEquals(
                    none,
                    net.predict(x, t, Condition.of(scope, new int[] {-1, -1})).toFloats());
            float[] one =
                    net.predict(x, t, Condition.of(scope, new int[] {-1, 3})).toFloats();
            for (int i = 0; i < none.length / 2; i++) {
                assertEquals(none[i], one[i], "value " + i + " of the image without a label");
            }
            assertNotEquals(none[none.length - 1], one[none.length - 1]);
            assertSays(() -> net.predict(x, t, Condition.of(scope, new int[] {1})), "one label per image, I32 [2]");
            assertSays(() -> net.predict(x, times(scope, 1), Condition.NONE), "one time per image, F32 [2]");
        }
        try (UNet2D net = config(0).create(new Parameters(device.backend(), 3));
                Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.zeros(Shape.of(1, 4, 4, 3));
            assertSays(
                    () -> net.predict(x, times(scope, 1), Condition.of(scope, new int[] {1})),
                    "network without classes");
            assertSays(
                    () -> net.predict(scope.zeros(Shape.of(1, 4, 4, 1)), times(scope, 1), Condition.NONE),
                    "has 1 channels, the model im_channels=3");
        }
    }

    private static void assertSays(Runnable call, String part) {
        TensorException e = assertThrows(TensorException.class, call::run);
        assertTrue(e.getMessage().startsWith("unet2d: ") && e.getMessage().contains(part), e.getMessage());
    }

    /** What is not read again is given back at once: without a tape next to nothing stays. */
    @OnEachDevice
    void drawingKeepsOnlyTheResult(Device device) {
        try (UNet2D net = config(1).create(new Parameters(device.backend(), 3));
                Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.zeros(Shape.of(2, 4, 4, 1));
            Tensor t = times(scope, 100, 400);
            long before = scope.liveBytes();
            Tensor y = net.predict(x, t, Condition.NONE);
            assertEquals(y.count() * Float.BYTES, scope.liveBytes() - before);
        }
    }

    /** The same network where its settings say so, another where they do not. */
    @OnEachDevice
    void settingsMatter(Device device) {
        float[] plain = output(device, config(1));
        assertArrayEquals(plain, output(device, config(1)));
        UNet2DConfig c = config(1);
        List<UNet2DConfig> others = List.of(
                changed(c, Map.of("norm_num_groups", "1")),
                changed(c, Map.of("norm_eps", "0.1")),
                changed(c, Map.of("attention_head_dim", "2")),
                changed(c, Map.of("mid_block_scale_factor", "1")),
                changed(c, Map.of("downsample_padding", "0")),
                changed(c, Map.of("flip_sin_to_cos", "false")),
                changed(c, Map.of("freq_shift", "1")));
        for (UNet2DConfig other : others) {
            float[] y = output(device, other);
            assertFalse(Arrays.equals(plain, y), () -> "no other output with " + other);
        }
    }

    private static UNet2DConfig changed(UNet2DConfig config, Map<String, String> settings) {
        var json = UNet2DJson.write(config);
        settings.forEach((key, value) -> {
            try {
                json.set(key, new ObjectMapper().readTree(value));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return UNet2DJson.read("changed", json);
    }

    private static float[] output(Device device, UNet2DConfig config) {
        try (UNet2D net = config.create(Parameters.toLoad(device.backend()));
                Scope scope = Scope.on(device.backend())) {
            Map<String, HostTensor> weights = FormulaWeights.of(net.parameters().list(), 5);
            net.parameters().load(weights);
            Tensor x = scope.tensor(Shape.of(1, 8, 8, 1), image(7, 1, Shape.of(1, 1, 8, 8)));
            return net.predict(x, times(scope, 300), Condition.NONE).toFloats();
        }
    }

    @Test
    void anotherClassOfNetworkIsNamed() {
        UserError e = assertThrows(
                UserError.class,
                () -> UNet2DJson.read(
                        "x/config.json", new ObjectMapper().createObjectNode().put("_class_name", "Unet9")));
        assertEquals("x/config.json: is of a Unet9; only UNet2DModel is known here", e.getMessage());
    }
}
