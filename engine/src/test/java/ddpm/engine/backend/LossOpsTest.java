package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;

import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.Reference;
import java.util.List;

/**
 * Reductions hold U (2 + log2(n)) of the sum of absolute terms, the bound of a summation tree (Higham 1993, "The accuracy
 * of floating point summation", section 3): a plain running sum in fp32 of a million terms does not.
 */
class LossOpsTest {
    private static final List<Data> KINDS = List.of(normal(0, 1), normal(100, 1), normal(0, 1e-3));
    private static final int[] COUNTS = {1, 4, 180, 504, 4_099, 1_000_003};

    @OnEachDevice
    void mse(Device device) {
        for (int n : COUNTS) {
            for (Data data : KINDS) {
                OpCheck.on(device, "mse")
                        .input("pred", data, n)
                        .input("target", data, n)
                        .reference(in -> Reference.mse(in.get("pred"), in.get("target")))
                        .op(in -> in.get("pred").mse(in.get("target")))
                        .quadratic()
                        .entries(1)
                        .sum("dpred", 1, c -> 3 * c.max("dy") / n * data.std())
                        .sum("dtarget", 1, c -> 3 * c.max("dy") / n * data.std())
                        // the terms of the forward are positive: want is the sum of absolute terms
                        .tolerance(c -> c.isForward() ? tree(n) * c.scale() : 4 * U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    @OnEachDevice
    void sumAndMean(Device device) {
        for (int n : COUNTS) {
            for (Data data : KINDS) {
                double size =
                        n * (Math.abs(data.mean()) + data.std()); // at least the sum of absolute terms, nearly always
                OpCheck.on(device, "sum")
                        .input("x", data, n)
                        .reference(in -> Reference.sum(in.x()))
                        .op(in -> in.x().sum())
                        .quadratic()
                        .entries(1)
                        .tolerance(c -> c.isForward() ? tree(n) * size : U * c.scale())
                        .checkForwardAndGradients();
                OpCheck.on(device, "mean")
                        .input("x", data, n)
                        .reference(in -> Reference.scale(1.0 / n, Reference.sum(in.x())))
                        .op(in -> in.x().mean())
                        .quadratic()
                        .entries(1)
                        .tolerance(c -> c.isForward() ? tree(n) * size / n : 3 * U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    /** Four fused inputs of a whole image batch, as the training loss has them. */
    @OnEachDevice
    void mseOfImages(Device device) {
        for (long[] shape : new long[][] {{1, 1, 1, 4}, {2, 3, 5, 6}, {1, 7, 9, 8}, {64, 28, 28, 1}}) {
            OpCheck.on(device, "mse of images")
                    .input("pred", normal(0, 1), shape)
                    .constant("target", normal(0, 1), shape)
                    .reference(in -> Reference.mse(in.get("pred"), in.get("target")))
                    .op(in -> in.get("pred").mse(in.get("target")))
                    .quadratic()
                    .tolerance(c -> c.isForward() ? tree(50_176) * c.scale() : 4 * U * c.scale())
                    .checkForwardAndGradients();
        }
    }

    private static double tree(int n) {
        return U * (2 + Math.log(n) / Math.log(2));
    }
}
