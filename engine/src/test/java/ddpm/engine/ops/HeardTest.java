package ddpm.engine.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.ImageOperations;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An operation of which the tape would not hear says so instead of losing gradients, whichever it is. */
class HeardTest {
    private static final Set<String> NO_OPERATIONS = Set.of("in", "into", "origin");

    /** Of labels and times, which are no parameters. */
    private static final Set<String> OF_DATA = Set.of("embedding", "timestepEmbedding");

    private static Backend backend;

    @BeforeAll
    static void open() {
        backend = new CpuBackend(Precision.FP32, 1);
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    /** Every operation by its name, called on the tensor given; {@code other} has the same extents, [1,2,2,4]. */
    private static Map<String, UnaryOperator<Tensor>> all(Tensor other) {
        Map<String, UnaryOperator<Tensor>> all = new LinkedHashMap<>();
        all.put("conv2d", x -> x.conv2d(other, other, 1, 0));
        all.put("convTranspose2d", x -> x.convTranspose2d(other, other, 1, 0));
        all.put("linear", x -> x.linear(other, other));
        all.put("linearOperand", x -> x.linearOperand(other, other));
        all.put("matmul", x -> x.matmul(other));
        all.put("groupNorm", x -> x.groupNorm(other, other, 1, 0));
        all.put("groupNormOperand", x -> x.groupNormOperand(other, other, 1, 0));
        all.put("groupNormSilu", x -> x.groupNormSilu(other, other, 1, 0));
        all.put("groupNormSiluOperand", x -> x.groupNormSiluOperand(other, other, 1, 0));
        all.put("layerNorm", x -> x.layerNorm(1e-5f));
        all.put("silu", Tensor::silu);
        all.put("softmax", Tensor::softmax);
        all.put("attention", x -> x.attention(1));
        all.put("add", x -> x.add(other));
        all.put("addGated", x -> x.addGated(other, other));
        all.put("addInPlace", x -> x.addInPlace(other));
        all.put("addPerImage", x -> x.addPerImage(other));
        all.put("addPerImageInPlace", x -> x.addPerImageInPlace(other));
        all.put("modulate", x -> x.modulate(other));
        all.put("sub", x -> x.sub(other));
        all.put("mul", x -> x.mul(other));
        all.put("div", x -> x.div(other));
        all.put("relu", Tensor::relu);
        all.put("gelu", Tensor::gelu);
        all.put("geluTanh", Tensor::geluTanh);
        all.put("tanh", Tensor::tanh);
        all.put("sigmoid", Tensor::sigmoid);
        all.put("exp", Tensor::exp);
        all.put("log", Tensor::log);
        all.put("sqrt", Tensor::sqrt);
        all.put("dropout", x -> x.dropout(0.5, 1, Stream.dropout(0)));
        all.put("scale", x -> x.scale(2));
        all.put("concatChannels", x -> x.concatChannels(other));
        all.put("slice", x -> x.slice(0, 0, 1));
        all.put("transpose", Tensor::transpose);
        all.put("reshape", x -> x.reshape(x.count()));
        all.put("depthToSpace", x -> x.depthToSpace(1));
        all.put("sliceChannels", x -> x.sliceChannels(0, 1));
        all.put("stack", x -> x.stack(other, other));
        all.put("pad", x -> x.pad(new Padding(0, 0, 0, 0)));
        all.put("crop", x -> x.crop(new Padding(0, 0, 0, 0)));
        all.put("upsample", ImageOperations::upsample);
        all.put("maxPool2d", x -> MaxPool2dOp.apply(x, Hw.square(1), Hw.square(1)));
        all.put("avgPool2d", x -> x.avgPool2d(1, 1));
        all.put("meanPixels", ImageOperations::meanPixels);
        all.put("mse", x -> x.mse(other));
        all.put("crossEntropy", x -> x.crossEntropy(other));
        all.put("hybridLoss", x -> x.hybridLoss(new QSample.Batch(other, other, other, other, other), other, other));
        all.put("sum", Tensor::sum);
        all.put("mean", Tensor::mean);
        return all;
    }

    /** So that a new one is not forgotten. */
    @Test
    void everyOperationIsHere() {
        Set<String> names = Arrays.stream(Tensor.class.getMethods())
                .filter(m -> m.getReturnType() == Tensor.class && !Modifier.isStatic(m.getModifiers()))
                .map(Method::getName)
                .filter(name -> !NO_OPERATIONS.contains(name) && !OF_DATA.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        try (Scope s = Scope.on(backend)) {
            assertEquals(names, new TreeSet<>(all(s.zeros(Shape.of(1))).keySet()));
        }
    }

    /** In training and in evaluation: the result would live as long as the parameter. */
    @Test
    void calledOnAParameter() {
        for (Scope step : new Scope[] {Scope.recording(backend), Scope.on(backend)}) {
            try (Scope parameters = Scope.on(backend);
                    step) {
                Tensor w = parameters.leaf(Shape.of(1, 2, 2, 4), new float[16]);
                Tensor x = step.zeros(w.shape());
                all(x).forEach((name, op) -> {
                    long bytes = parameters.liveBytes();
                    var e = assertThrows(TensorException.class, () -> op.apply(w), name);
                    assertTrue(
                            e.getMessage()
                                    .contains(
                                            ": called on the parameter [N=1,H=2,W=2,C=4], whose scope does not record"),
                            e::getMessage);
                    assertTrue(e.getMessage().contains("write w.in(scope)."), e::getMessage);
                    assertEquals(bytes, parameters.liveBytes(), name);
                });
            }
        }
    }

    /** What a step made, joined to data from outside of it: the result would be outside, too. */
    @Test
    void calledOnDataFromOutside() {
        try (Scope data = Scope.on(backend);
                Scope step = Scope.recording(backend)) {
            Tensor mask = data.zeros(Shape.of(3));
            Tensor y = step.leaf(Shape.of(3), new float[3]);
            var e = assertThrows(TensorException.class, () -> mask.mul(y));
            assertTrue(e.getMessage().startsWith("mul: called on [3], whose scope does not record"), e::getMessage);
            assertTrue(e.getMessage().contains("write a.in(scope).mul(..)"), e::getMessage);
            Tensor labels = data.tensor(Shape.of(2), new int[2]);
            Tensor table = step.leaf(Shape.of(3, 1), new float[3]);
            assertThrows(TensorException.class, () -> labels.embedding(table));
        }
    }

    /** What the message says to write gives the gradient. */
    @Test
    void theRemedy() {
        try (Scope parameters = Scope.on(backend);
                Scope data = Scope.on(backend)) {
            Tensor w = parameters.leaf(Shape.of(2), new float[] {3, 4});
            Tensor x = data.tensor(Shape.of(2), new float[] {5, 6});
            try (Scope s = Scope.recording(backend)) {
                assertArrayEquals(
                        new float[] {5, 6},
                        s.tape().backward(x.in(s).mul(w).sum()).of(w).toFloats());
            }
            try (Scope s = Scope.recording(backend)) {
                assertArrayEquals(
                        new float[] {5, 6},
                        s.tape().backward(w.in(s).mul(x).sum()).of(w).toFloats());
            }
            try (Scope s = Scope.on(backend)) {
                assertArrayEquals(new float[] {15, 24}, w.in(s).mul(x).toFloats());
                assertArrayEquals(new float[] {15, 24}, x.mul(w).toFloats());
            }
        }
    }
}
