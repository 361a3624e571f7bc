package ddpm.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.io.HostTensor;
import ddpm.engine.nn.Conv2d;
import ddpm.engine.nn.ConvTranspose2d;
import ddpm.engine.nn.GroupNorm;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.MultiHeadAttention;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.testing.Devices.Device;
import ddpm.testing.Golden;
import ddpm.testing.OnEachDevice;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Layers and operations, forward and backward, against PyTorch's: every case of ops.safetensors that the engine has. */
class GoldenOpsTest {
    private static final Map<String, HostTensor> ALL = Golden.tensors("ops.safetensors");

    /** The U-Net needs no softmax of its own, and no normalisation of sequences. */
    private static final Set<String> NOT_HERE = Set.of("softmax_a", "softmax_b", "group_norm_3d");

    private interface Layer {
        UnaryOperator<Tensor> create(Parameters p, HostTensor x);
    }

    @OnEachDevice
    void everyCase(Device device) {
        Set<String> cases = ALL.keySet().stream()
                .map(name -> name.substring(0, name.indexOf('/')))
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(cases.containsAll(NOT_HERE) && cases.size() > 15, "cases: " + cases);
        cases.removeAll(NOT_HERE);
        cases.forEach(name -> check(device, name));
    }

    private void check(Device device, String name) {
        if (name.startsWith("mse_loss")) {
            mse(device, name);
        } else if (name.equals("concat")) {
            concat(device);
        } else {
            layer(device, name);
        }
    }

    /** A layer whose parameters have the case's names; w and b are weight and bias. */
    private void layer(Device device, String name) {
        HostTensor x = ALL.get(name + "/x");
        try (Parameters p = new Parameters(device.backend(), 0);
                Scope scope = Scope.recording(device.backend())) {
            UnaryOperator<Tensor> forward = kind(name).create(p, x);
            Map<String, HostTensor> values = new LinkedHashMap<>();
            p.list().forEach(q -> values.put(q.name(), ALL.get(name + "/" + caseName(q.name()))));
            p.load(values);
            Tensor leaf = Golden.leaf(scope, x);
            Tensor y = forward.apply(leaf);
            close(name + "/y", Golden.host(y));
            Gradients gradients = backward(scope, y, ALL.get(name + "/dy"));
            close(name + "/dx", Golden.host(gradients.of(leaf)));
            for (Parameter q : p.list()) {
                close(name + "/d" + caseName(q.name()), Golden.host(gradients.of(q.value())));
            }
        }
    }

    /** {@code l.weight} is w, {@code l.out_proj.bias} is out_proj_bias. */
    private static String caseName(String parameter) {
        String bare = parameter.substring(2);
        return switch (bare) {
            case "weight" -> "w";
            case "bias" -> "b";
            default -> bare.replace('.', '_');
        };
    }

    private static Layer kind(String name) {
        return switch (name.substring(0, name.contains("_") ? name.lastIndexOf('_') : name.length())) {
            case "conv3x3" -> (p, x) -> new Conv2d(p, "l", channels(x), out(name, 0), 3, 1, 1)::forward;
            case "conv1x1" -> (p, x) -> new Conv2d(p, "l", channels(x), out(name, 0), 1, 1, 0)::forward;
            case "conv4x4s2" -> (p, x) -> new Conv2d(p, "l", channels(x), out(name, 0), 4, 2, 1)::forward;
            case "convt4x4s2" -> (p, x) -> new ConvTranspose2d(p, "l", channels(x), out(name, 1), 4, 2, 1)::forward;
            case "group_norm" -> (p, x) -> new GroupNorm(p, "l", 8, channels(x))::forward;
            case "linear" -> (p, x) -> new Linear(p, "l", channels(x), out(name, 0))::forward;
            case "silu" -> (p, x) -> Tensor::silu;
            case "mha" -> (p, x) -> new MultiHeadAttention(p, "l", (int) x.shape()[2], 4)::forward;
            default -> throw new AssertionError("no test for the case " + name);
        };
    }

    private static int channels(HostTensor x) {
        return (int) x.shape()[1];
    }

    private static int out(String name, int extent) {
        return (int) ALL.get(name + "/w").shape()[extent];
    }

    private static Gradients backward(Scope scope, Tensor y, HostTensor dy) {
        // the gradient of mean((y - c)^2) * count / 2 is y - c: with c = y - dy it is dy
        float[] target = y.toFloats();
        float[] d = Golden.device(scope, dy).toFloats();
        for (int i = 0; i < target.length; i++) {
            target[i] -= d[i];
        }
        Tensor loss = y.mse(scope.tensor(y.shape(), target)).scale(y.count() / 2f);
        return scope.tape().backward(loss);
    }

    private void mse(Device device, String name) {
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor x = Golden.leaf(scope, ALL.get(name + "/x"));
            Tensor target = Golden.leaf(scope, ALL.get(name + "/target"));
            Tensor y = x.mse(target);
            close(name + "/y", y.toFloats());
            Gradients gradients =
                    scope.tape().backward(y.scale(ALL.get(name + "/dy").toFloats()[0]));
            close(name + "/dx", Golden.host(gradients.of(x)));
            close(name + "/dtarget", Golden.host(gradients.of(target)));
        }
    }

    private void concat(Device device) {
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor a = Golden.leaf(scope, ALL.get("concat/a"));
            Tensor b = Golden.leaf(scope, ALL.get("concat/b"));
            Tensor y = a.concatChannels(b);
            close("concat/y", Golden.host(y));
            Gradients gradients = backward(scope, y, ALL.get("concat/dy"));
            close("concat/da", Golden.host(gradients.of(a)));
            close("concat/db", Golden.host(gradients.of(b)));
        }
    }

    @OnEachDevice
    void timestepEmbedding(Device device) {
        Map<String, HostTensor> golden = Golden.tensors("time_embedding.safetensors");
        try (Scope scope = Scope.on(device.backend())) {
            Tensor t = Golden.timesteps(scope, golden.get("t"));
            for (int dim : new int[] {32, 128}) {
                Tensor y = t.timestepEmbedding(dim);
                assertEquals(Shape.of(t.count(), dim), y.shape());
                Golden.assertClose("emb_" + dim, golden.get("emb_" + dim).toFloats(), y.toFloats(), 1e-4);
            }
        }
    }

    private static void close(String name, float[] got) {
        float[] want = ALL.get(name).toFloats();
        Golden.assertClose(name, want, got, 3e-5 * (1 + Golden.rms(want)));
    }
}
