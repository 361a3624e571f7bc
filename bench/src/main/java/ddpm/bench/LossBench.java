package ddpm.bench;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.LossOps;
import ddpm.engine.backend.Nhwc;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The mean squared error of the predicted noise, at the sizes of batches of the mnist and cifar presets. */
public class LossBench extends OpBench {
    @Param({"64x28x28x1", "256x32x32x3"})
    String x;

    private LossOps ops;
    private long images;
    private long length;
    private long n;
    private Buffer predicted;
    private Buffer target;
    private Buffer weight;
    private Buffer perImage;
    private Buffer loss;
    private Buffer one;
    private Buffer gradient;

    @Override
    void prepare(Operands operands) {
        ops = operands.backend().loss();
        Nhwc extents = Operands.nhwc(x);
        n = extents.count();
        images = extents.n();
        length = n / images;
        predicted = operands.random(n);
        target = operands.random(n);
        float[] ones = new float[Math.toIntExact(images)];
        Arrays.fill(ones, 1);
        weight = operands.of(ones);
        perImage = operands.empty(images);
        loss = operands.empty(1);
        one = operands.of(new float[] {1});
        gradient = operands.empty(n);
    }

    /** (a - b)^2 = a^2 - 2ab + b^2; and the gradient, times what it is taken by, is twice a^2 - ab. */
    @Override
    void check(Operands operands) {
        ops.mse(images, length, predicted, target, weight, perImage, loss);
        ops.mseBackward(images, length, predicted, target, weight, one, gradient);
        double aa = operands.dot(predicted, predicted, n);
        double ab = operands.dot(predicted, target, n);
        double bb = operands.dot(target, target, n);
        operands.requireClose("mse", (aa - 2 * ab + bb) / n, operands.values(loss, 1)[0], 1);
        operands.requireClose("mseBackward", 2 * (aa - ab) / n, operands.dot(gradient, predicted, n), 1);
    }

    @Benchmark
    public void mse(Timing timing) {
        time(timing, 0, 8.0 * n, () -> ops.mse(images, length, predicted, target, weight, perImage, loss));
    }

    @Benchmark
    public void mseBackward(Timing timing) {
        time(timing, 0, 12.0 * n, () -> ops.mseBackward(images, length, predicted, target, weight, one, gradient));
    }
}
