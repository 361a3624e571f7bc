package ddpm.model.dit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.ImageSize;
import ddpm.diffusion.Condition;
import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.io.Safetensors;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.OnEachDevice;
import ddpm.model.Probe;
import ddpm.testing.Golden;
import ddpm.verify.network.FormulaWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The transformer against PyTorch, see the README.md of the test resources in {@code dit}; its sizes, labels and heads. */
class DiTTest {
    private static final DiTConfig TINY = new DiTConfig(3, new ImageSize(8, 6), 2, 16, 2, 2, 4, 6, "5");

    /** What a value rounds on its way: sums of at most 64 terms, through three layers, and seven a block. */
    private static final double ROUNDING = 4 * 0x1p-24 * Math.sqrt(64) * (3 + 7 * 2);

    private static Map<String, HostTensor> file() {
        try {
            return Safetensors.read(Golden.folder("dit").resolve("tiny.safetensors"))
                    .tensors();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, HostTensor> below(String prefix, Map<String, HostTensor> file) {
        Map<String, HostTensor> found = new LinkedHashMap<>();
        file.forEach((name, t) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), t);
            }
        });
        return found;
    }

    private static Condition labels(Scope scope, HostTensor from) {
        long[] wide = from.toLongs();
        int[] labels = new int[wide.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = Math.toIntExact(wide[i]);
        }
        return Condition.of(scope, labels);
    }

    @OnEachDevice
    void computesWhatPyTorchDoes(Device device) {
        Map<String, HostTensor> file = file();
        try (DiT net = TINY.create(Parameters.toLoad(device.backend()));
                Scope scope = Scope.recording(device.backend())) {
            net.parameters().load(below("weight.", file));
            Tensor given = Golden.device(scope, file.get("x"));
            Tensor x = scope.leaf(given.shape(), given.toFloats());
            Tensor t = scope.tensor(Shape.of(3), file.get("t").toFloats());
            Tensor y = net.forward(x, t, labels(scope, file.get("labels")), Probe.NONE);
            close("output", file.get("output"), y);
            Tensor loss = y.mse(Golden.device(scope, file.get("target")));
            double want = file.get("loss").toFloats()[0];
            assertEquals(want, loss.item(), ROUNDING * want, "loss");
            Gradients gradients = scope.tape().backward(loss);
            close("dx", file.get("dx"), gradients.of(x));
            Map<String, HostTensor> wanted = below("gradient.", file);
            assertEquals(wanted.size(), net.parameters().list().size());
            for (Parameter p : net.parameters().list()) {
                close(p.name(), wanted.get(p.name()), gradients.of(p.value()));
            }
        }
    }

    /** Within the rounding of the largest value. */
    private static void close(String what, HostTensor want, Tensor got) {
        float[] values = want.toFloats();
        double scale = 0;
        for (float v : values) {
            scale = Math.max(scale, Math.abs(v));
        }
        assertTrue(scale > 0, what + " says nothing");
        Golden.assertClose(what, values, Golden.host(got), ROUNDING * scale);
    }

    @Test
    void positionsAreThoseOfThePaper() {
        HostTensor want = file().get("pos_embed");
        assertArrayEquals(want.shape(), Positions.shape(TINY).toArray());
        Golden.assertClose("pos_embed", want.toFloats(), Positions.table(TINY), 0x1p-24);
    }

    /** A file of DiT has the table of positions, too, which is none of the parameters: it may, where it is that of the settings. */
    @Test
    void aFileMayHaveThePositions() {
        Map<String, HostTensor> file = file();
        Map<String, HostTensor> weights = new LinkedHashMap<>(below("weight.", file));
        weights.put("pos_embed", file.get("pos_embed"));
        try (DiT net = TINY.create(Parameters.toLoad(Devices.cpu().backend()))) {
            net.parameters().load(weights);
            assertArrayEquals(
                    file.get("weight.final_layer.linear.bias").toFloats(),
                    net.parameters().get("final_layer.linear.bias").value().toFloats());
            float[] others = file.get("pos_embed").toFloats();
            others[17] += 0.01f;
            weights.put("pos_embed", HostTensor.f32(file.get("pos_embed").shape(), others));
            TensorException e =
                    assertThrows(TensorException.class, () -> net.parameters().load(weights));
            assertTrue(
                    e.getMessage()
                            .contains("1 tensor of other values than the settings give ('pos_embed' is a constant"),
                    e.getMessage());
        }
    }

    /** Names and shapes of facebookresearch/DiT, in its order; a network of 12 blocks by the formula. */
    @Test
    void namesAndCount() {
        DiTConfig config = new DiTConfig(3, new ImageSize(32, 32), 2, 384, 12, 6, 4, null, "10");
        try (DiT net = config.create(Parameters.toLoad(Devices.cpu().backend()))) {
            List<String> want = new ArrayList<>(List.of(
                    "x_embedder.proj.weight [384, 3, 2, 2]",
                    "x_embedder.proj.bias [384]",
                    "t_embedder.mlp.0.weight [384, 256]",
                    "t_embedder.mlp.0.bias [384]",
                    "t_embedder.mlp.2.weight [384, 384]",
                    "t_embedder.mlp.2.bias [384]",
                    "y_embedder.embedding_table.weight [10, 384]"));
            for (int i = 0; i < 12; i++) {
                String name = "blocks." + i;
                want.add(name + ".attn.qkv.weight [1152, 384]");
                want.add(name + ".attn.qkv.bias [1152]");
                want.add(name + ".attn.proj.weight [384, 384]");
                want.add(name + ".attn.proj.bias [384]");
                want.add(name + ".mlp.fc1.weight [1536, 384]");
                want.add(name + ".mlp.fc1.bias [1536]");
                want.add(name + ".mlp.fc2.weight [384, 1536]");
                want.add(name + ".mlp.fc2.bias [384]");
                want.add(name + ".adaLN_modulation.1.weight [2304, 384]");
                want.add(name + ".adaLN_modulation.1.bias [2304]");
            }
            want.addAll(List.of(
                    "final_layer.linear.weight [12, 384]",
                    "final_layer.linear.bias [12]",
                    "final_layer.adaLN_modulation.1.weight [768, 384]",
                    "final_layer.adaLN_modulation.1.bias [768]"));
            List<String> got = new ArrayList<>();
            net.parameters()
                    .list()
                    .forEach(p -> got.add(
                            p.name() + " " + Arrays.toString(p.fileShape().toArray())));
            assertEquals(want, got);
            assertEquals(count(384, 12, 4, 3 * 4, 10), net.parameters().count());
            assertEquals(32_475_276, net.parameters().count());
        }
    }

    /** Patches, t, classes, blocks, last layer. @param pixel values of a patch */
    private static long count(long d, long depth, long ratio, long pixel, long classes) {
        long block = 4 * (d * d + d) + 2 * ratio * d * d + ratio * d + d + 6 * (d * d + d);
        return (pixel + 1) * d + 257 * d + d * d + d + classes * d + depth * block + (d + 1) * pixel + 2 * (d * d + d);
    }

    private static float[] normals(long seed, long count) {
        Random random = new Random(seed);
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Tensor times(Scope scope, float... t) {
        return scope.tensor(Shape.of(t.length), t);
    }

    /** One whose weights are no zeros, so that every layer says something. */
    private static DiT withWeights(Device device, DiTConfig config) {
        DiT net = config.create(Parameters.toLoad(device.backend()));
        net.parameters().load(FormulaWeights.of(net.parameters().list(), 5));
        return net;
    }

    /** 7x5 by hand: one row below and one column on the right. */
    @OnEachDevice
    void oddSizesArePaddedAndCropped(Device device) {
        DiTConfig config = TINY.forImages(1, new ImageSize(7, 5));
        try (DiT net = withWeights(device, config);
                Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.tensor(Shape.of(2, 7, 5, 1), normals(1, 2 * 7 * 5));
            Tensor t = times(scope, 100, 400);
            Tensor y = net.predict(x, t, Condition.NONE);
            assertEquals(Shape.of(2, 7, 5, 2), y.shape());
            Padding padding = new Padding(0, 1, 0, 1);
            Tensor want = net.predict(x.pad(padding), t, Condition.NONE).crop(padding);
            assertArrayEquals(want.toFloats(), y.toFloats());
        }
    }

    /** Positions are for one size alone. */
    @OnEachDevice
    void otherSizesAreRefused(Device device) {
        try (DiT net = withWeights(device, TINY);
                Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.zeros(Shape.of(1, 6, 8, 3));
            TensorException e =
                    assertThrows(TensorException.class, () -> net.predict(x, times(scope, 1), Condition.NONE));
            assertEquals(
                    "dit: x=[N=1,H=6,W=8,C=3] has 3x4 patches of 2 pixels, im_size=8x6 has 4x3, and positions for those"
                            + " alone; give images of that size, or set model.im_size",
                    e.getMessage());
        }
    }

    /** A label changes its own image alone, and none is as good as no labels. */
    @OnEachDevice
    void labels(Device device) {
        try (DiT net = withWeights(device, TINY);
                Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.tensor(Shape.of(2, 8, 6, 3), normals(2, 2 * 8 * 6 * 3));
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
        }
    }

    /** An image's result does not depend on the images beside it. */
    @Test
    void anImageAlone() {
        Device device = Devices.cpu();
        try (DiT net = withWeights(device, TINY);
                Scope scope = Scope.on(device.backend())) {
            float[] values = normals(3, 5 * 8 * 6 * 3);
            float[] all = net.predict(
                            scope.tensor(Shape.of(5, 8, 6, 3), values),
                            times(scope, 1, 50, 300, 700, 999),
                            Condition.NONE)
                    .toFloats();
            float[] alone = net.predict(
                            scope.tensor(Shape.of(1, 8, 6, 3), Arrays.copyOf(values, 8 * 6 * 3)),
                            times(scope, 1),
                            Condition.NONE)
                    .toFloats();
            assertArrayEquals(Arrays.copyOf(all, alone.length), alone);
        }
    }

    /** Every block of a new network adds nothing, and the last layer says 0. */
    @OnEachDevice
    void aNewNetworkSaysNothing(Device device) {
        try (DiT net = TINY.create(new Parameters(device.backend(), 3));
                Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.tensor(Shape.of(1, 8, 6, 3), normals(4, 8 * 6 * 3));
            Tensor y = net.predict(x, times(scope, 7), Condition.NONE);
            assertArrayEquals(new float[8 * 6 * 6], y.toFloats());
        }
    }

    /** What is not read again is given back at once: without a tape next to nothing stays. */
    @OnEachDevice
    void drawingKeepsOnlyTheResult(Device device) {
        try (DiT net = withWeights(device, TINY);
                Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.zeros(Shape.of(2, 8, 6, 3));
            Tensor t = times(scope, 100, 400);
            long before = scope.liveBytes();
            Tensor y = net.predict(x, t, Condition.NONE);
            assertEquals(y.count() * Float.BYTES, scope.liveBytes() - before);
        }
    }

    /** Heads of 64 and of 72 channels, those of DiT-S, B and L and of DiT-XL: the GPU computes what the CPU does. */
    @Test
    @Tag("cuda")
    void theHeadsOfThePaper() {
        Device cuda = Devices.cuda();
        cuda.backend(); // or the test is skipped
        for (int head : new int[] {64, 72}) {
            DiTConfig config = new DiTConfig(1, new ImageSize(6, 6), 2, 2 * head, 1, 2, 2, null, null);
            float[][] want = outputAndGradient(Devices.cpu(), config);
            float[][] got = outputAndGradient(cuda, config);
            for (int i = 0; i < want.length; i++) {
                double scale = 0;
                for (float v : want[i]) {
                    scale = Math.max(scale, Math.abs(v));
                }
                // sums of at most 4 head values, through ten layers
                double tolerance = 4 * 0x1p-24 * Math.sqrt(4.0 * head) * 10 * scale;
                Golden.assertClose("heads of " + head + ", result " + i, want[i], got[i], tolerance);
            }
        }
    }

    private static float[][] outputAndGradient(Device device, DiTConfig config) {
        try (DiT net = withWeights(device, config);
                Scope scope = Scope.recording(device.backend())) {
            Tensor x = scope.leaf(Shape.of(2, 6, 6, 1), normals(6, 2 * 6 * 6));
            Tensor y = net.predict(x, times(scope, 30, 600), Condition.NONE);
            float[] values = y.toFloats();
            Gradients g = scope.tape().backward(y.mse(scope.tensor(y.shape(), normals(7, y.count()))));
            Tensor qkv = net.parameters().get("blocks.0.attn.qkv.weight").value();
            return new float[][] {values, g.of(x).toFloats(), g.of(qkv).toFloats()};
        }
    }
}
