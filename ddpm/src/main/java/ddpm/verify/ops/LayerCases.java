package ddpm.verify.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.nn.Conv2d;
import ddpm.engine.nn.ConvTranspose2d;
import ddpm.engine.nn.GroupNorm;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.Difference;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.VectorFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Cases that are a layer of the engine with the case's weights, and the few operations without weights. */
final class LayerCases {
    /** Every layer of a case is called this; the parameters are {@code l.weight}, ... */
    static final String LAYER = "l";

    private LayerCases() {}

    static void conv(OpCase c, int kernel, int stride, int padding) {
        int in = channels(c);
        int out = extent(c.get("w", 4), 0);
        run(c, p -> new Conv2d(p, LAYER, in, out, kernel, stride, padding)::forward);
    }

    static void convTranspose(OpCase c, int kernel, int stride, int padding) {
        int in = channels(c);
        int out = extent(c.get("w", 4), 1);
        run(c, p -> new ConvTranspose2d(p, LAYER, in, out, kernel, stride, padding)::forward);
    }

    static void groupNorm(OpCase c, int groups) {
        int channels = channels(c);
        run(c, p -> new GroupNorm(p, LAYER, groups, channels)::forward);
    }

    static void linear(OpCase c) {
        HostTensor w = c.get("w", 2);
        run(c, p -> new Linear(p, LAYER, extent(w, 1), extent(w, 0))::forward);
    }

    static void silu(OpCase c) {
        run(c, p -> Tensor::silu);
    }

    /** Result, and the gradients of input and parameters. @param create the layer, which makes its parameters */
    static void run(OpCase c, Function<Parameters, UnaryOperator<Tensor>> create) {
        try (Parameters p = new Parameters(c.backend(), 0);
                Scope scope = Scope.recording(c.backend())) {
            UnaryOperator<Tensor> layer = create.apply(p);
            Map<String, HostTensor> values = new LinkedHashMap<>();
            p.list().forEach(q -> values.put(q.name(), c.get(caseName(q))));
            p.load(values);
            Tensor x = c.leaf(scope, "x");
            Tensor y = layer.apply(x);
            c.compare("y", y);
            Gradients gradients = c.backward(y);
            c.compare("dx", gradients.of(x));
            for (Parameter q : p.list()) {
                Tensor g = gradients.of(q.value());
                float[] host = q.layout().toFile(g.shape(), g.toFloats());
                c.compare("d" + caseName(q), q.fileShape().toArray(), Difference.widen(host));
            }
        }
    }

    /** {@code l.weight} is w, {@code l.out_proj.bias} is out_proj_bias. */
    private static String caseName(Parameter q) {
        String bare = q.name().substring(LAYER.length() + 1);
        return switch (bare) {
            case "weight" -> "w";
            case "bias" -> "b";
            default -> bare.replace('.', '_');
        };
    }

    static void mse(OpCase c) {
        ofTwo(c, "x", "target", Tensor::mse);
    }

    static void concat(OpCase c) {
        ofTwo(c, "a", "b", Tensor::concatChannels);
    }

    private static void ofTwo(OpCase c, String first, String second, BinaryOperator<Tensor> op) {
        try (Scope scope = Scope.recording(c.backend())) {
            Tensor a = c.leaf(scope, first);
            Tensor b = c.leaf(scope, second);
            Tensor y = op.apply(a, b);
            c.compare("y", y);
            Gradients gradients = c.backward(y);
            c.compare("d" + first, gradients.of(a));
            c.compare("d" + second, gradients.of(b));
        }
    }

    private static int channels(OpCase c) {
        long[] x = c.get("x").shape();
        if (x.length < 2) {
            throw new VectorException("x is " + VectorFile.shape(x) + ", needed is [N,C,..]");
        }
        return Math.toIntExact(x[1]);
    }

    private static int extent(HostTensor t, int i) {
        return Math.toIntExact(t.shape()[i]);
    }
}
