package ddpm.engine.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.ConvCases;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OnEachPrecision;
import ddpm.engine.testing.OpCheck;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Each method checks all its geometries and then names every one that is wrong. */
class ConvOpsTest {
    @OnEachDevice
    void conv2dGeometries(Device device) {
        ConvCases.all(ConvCases.conv2dGeometries(device));
    }

    @OnEachDevice
    void convTranspose2dGeometries(Device device) {
        ConvCases.all(ConvCases.convTranspose2dGeometries(device));
    }

    @OnEachDevice
    void channels(Device device) {
        ConvCases.all(ConvCases.channels(device));
    }

    @OnEachDevice
    void manyChannels(Device device) {
        ConvCases.all(ConvCases.manyChannels(device));
    }

    @OnEachPrecision
    void narrowImages(Device device) {
        ConvCases.all(ConvCases.narrowImages(device));
    }

    @OnEachPrecision
    void data(Device device) {
        ConvCases.all(ConvCases.data(device));
    }

    @OnEachPrecision
    void rectangles(Device device) {
        ConvCases.all(ConvCases.rectangles(device));
    }

    /** Both gradients in one call of the backend have the bits of each alone. Three images: shares differ in size. */
    @OnEachPrecision
    void bothGradientsAtOnce(Device device) {
        List<float[]> both = gradients(device.backend(), true, true);
        List<float[]> ofWeights = gradients(device.backend(), false, true);
        List<float[]> ofData = gradients(device.backend(), true, false);
        assertEquals(3, both.size());
        assertArrayEquals(both.get(0), ofData.get(0), "dx");
        assertArrayEquals(both.get(1), ofWeights.get(0), "dw");
        assertArrayEquals(both.get(2), ofWeights.get(1), "db");
    }

    private static List<float[]> gradients(Backend backend, boolean data, boolean weights) {
        Random random = new Random(OpCheck.SEED);
        try (Scope scope = Scope.recording(backend)) {
            Tensor x = tensor(scope, random, data, 3, 6, 5, 8);
            Tensor w = tensor(scope, random, weights, 16, 3, 3, 8);
            Tensor b = tensor(scope, random, weights, 16);
            Tensor target = tensor(scope, random, false, 3, 6, 5, 16);
            Gradients g = scope.tape().backward(x.conv2d(w, b, 1, 1).mse(target));
            return Stream.of(x, w, b)
                    .filter(Tensor::requiresGrad)
                    .map(t -> g.of(t).toFloats())
                    .toList();
        }
    }

    private static Tensor tensor(Scope scope, Random random, boolean requiresGrad, long... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[(int) shape.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return requiresGrad ? scope.leaf(shape, values) : scope.tensor(shape, values);
    }
}
