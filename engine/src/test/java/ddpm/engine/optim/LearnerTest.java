package ddpm.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;

class LearnerTest {
    private static final float[] X = {0, 0, 0, 1, 1, 0, 1, 1};
    private static final int[] XOR = {0, 1, 1, 0};

    /** What no straight line parts. */
    @OnEachDevice
    void learnsExclusiveOr(Device device) {
        try (Parameters p = new Parameters(device.backend(), 1);
                Learner learner = Learner.adam(p, 0.05)) {
            Linear first = new Linear(p, "first", 2, 8);
            Linear second = new Linear(p, "second", 8, 2);
            float before = 0;
            float loss = 0;
            for (int i = 0; i < 150; i++) {
                loss = learner.step(scope -> net(first, second, scope).crossEntropy(scope.tensor(Shape.of(4), XOR)));
                before = i == 0 ? loss : before;
            }
            assertEquals(150, learner.steps());
            assertTrue(loss < 0.05 && before > 0.4, before + " to " + loss);
        }
    }

    /** The first update of gradient descent is the gradient times the rate, the second has what momentum left of the first. */
    @OnEachDevice
    void gradientDescent(Device device) {
        try (Parameters p = new Parameters(device.backend(), 1);
                Learner learner = Learner.sgd(p, 0.5, 0.9)) {
            Linear layer = new Linear(p, "layer", 1, 1);
            float bias = p.get("layer.bias").value().toFloats()[0];
            for (double moved : new double[] {0.5, 0.5 + 0.5 * 1.9}) {
                learner.step(scope -> layer.forward(scope.zeros(Shape.of(1, 1))).sum()); // its slope is 1
                assertEquals(bias - moved, p.get("layer.bias").value().toFloats()[0], 1e-6);
            }
        }
    }

    private static Tensor net(Linear first, Linear second, Scope scope) {
        return second.forward(first.forward(scope.tensor(Shape.of(4, 2), X)).tanh());
    }

    /** The first update of Adam moves each parameter by the learning rate; another rate moves it by that. */
    @OnEachDevice
    void theRateIsThatOfTheStep(Device device) {
        try (Parameters p = new Parameters(device.backend(), 1);
                Learner learner = Learner.adam(p, 0.25)) {
            Linear layer = new Linear(p, "layer", 1, 1);
            float before = p.get("layer.bias").value().toFloats()[0];
            learner.step(scope ->
                    layer.forward(scope.tensor(Shape.of(1, 1), new float[] {3})).sum());
            float after = p.get("layer.bias").value().toFloats()[0];
            assertEquals(before - 0.25, after, 1e-6);
            learner.rate(0.5);
            learner.step(scope ->
                    layer.forward(scope.tensor(Shape.of(1, 1), new float[] {3})).sum());
            assertEquals(after - 0.5, p.get("layer.bias").value().toFloats()[0], 1e-6);
        }
    }

    /** A step that fails changes nothing and is not counted, and the next one works. */
    @OnEachDevice
    void whatIsNotFiniteStops(Device device) {
        try (Parameters p = new Parameters(device.backend(), 1);
                Learner learner = Learner.adam(p, 0.1)) {
            Linear layer = new Linear(p, "layer", 1, 2);
            float[] before = p.get("layer.weight").value().toFloats();
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                assertThrows(
                        NotFiniteException.class,
                        () -> learner.step(scope -> layer.forward(scope.tensor(Shape.of(1, 1), new float[] {bad}))
                                .sum()));
                assertArrayEquals(before, p.get("layer.weight").value().toFloats());
            }
            assertEquals(0, learner.steps());
            learner.step(scope ->
                    layer.forward(scope.tensor(Shape.of(1, 1), new float[] {1})).sum());
            assertEquals(1, learner.steps());
        }
    }
}
