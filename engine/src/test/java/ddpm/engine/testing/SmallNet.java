package ddpm.engine.testing;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.OptimizerOps;
import ddpm.engine.backend.OptimizerOps.AdamStep;
import ddpm.engine.backend.Recorder;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.optim.AdamConfig;
import ddpm.engine.optim.StepMemory;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Every operation of the U-Net once, trained on a fixed batch: down, residual with time, attention, up, skip. */
public final class SmallNet implements AutoCloseable {
    private static final float EPS = 1e-5f;

    private final Scope owner;
    private final List<Tensor> parameters = new ArrayList<>();
    private final List<OptimizerOps.Slot> slots = new ArrayList<>();
    private final Random random = new Random(OpCheck.SEED);
    private final int c;
    private final Tensor images;
    private final Tensor target;
    private final Tensor times;
    private final Tensor weight;
    private final Tensor reverse;
    private final StepMemory memory;
    private int step;

    /** @param n images of {@code size} x {@code size} pixels @param c channels, a multiple of 8 */
    public SmallNet(Backend backend, int n, int size, int c) {
        this.owner = Scope.on(backend);
        this.memory = new StepMemory(backend, 1);
        this.c = c;
        this.images = owner.tensor(Shape.of(n, size, size, 1), normals(n * size * size, 1));
        this.target = owner.tensor(Shape.of(n, size, size, 1), normals(n * size * size, 1));
        ReverseStep.Numbers numbers = new ReverseStep.Numbers().key(500).estimate(1, -0.1f);
        this.reverse = owner.tensor(
                Shape.of(ReverseStep.WORDS),
                numbers.next(0.5f, 0.5f, 0).noise(0.1f).toWords());
        float[] times = new float[n];
        float[] ones = new float[n];
        Arrays.fill(ones, 1);
        for (int i = 0; i < n; i++) {
            times[i] = random.nextInt(1000);
        }
        this.times = owner.tensor(Shape.of(n), times);
        this.weight = owner.tensor(Shape.of(n), ones);
    }

    /** One training step. @return the loss before it */
    public float train() {
        write();
        try (Scope scope = Scope.recording(owner.backend())) {
            return step(scope).item();
        }
    }

    /** One training step by a recorder; its loss is not read. */
    public void train(Recorder recorder) {
        write();
        recorder.run("train", () -> {
            try (Scope scope = Scope.recording(owner.backend())) {
                step(scope);
            }
        });
    }

    /** One step of sampling by a recorder, with the images as x_t. */
    public void sample(Recorder recorder) {
        recorder.run("sample", () -> {
            try (Scope scope = Scope.on(owner.backend())) {
                next = 0;
                Tensor eps = forward(scope);
                Nhwc x = images.nhwc("sample");
                Tensor out = scope.empty(images.shape());
                Tensor x0 = scope.empty(images.shape());
                owner.backend()
                        .diffusion()
                        .reverse(
                                new ReverseStep(x, 1, NoiseTable.REVERSE, 0, Clipping.CLIP, true, false),
                                reverse.buffer(),
                                images.buffer(),
                                eps.buffer(),
                                null,
                                null,
                                out.buffer(),
                                x0.buffer());
            }
        });
    }

    private Tensor step(Scope scope) {
        next = 0;
        Tensor perImage = scope.empty(weight.shape());
        Tensor loss = forward(scope).mse(target.in(scope), weight.in(scope), perImage);
        update(scope.tape().backward(loss));
        return loss;
    }

    private void write() {
        memory.write(new AdamConfig(0.9, 0.999, 1e-8, 0, false).numbers(step++, 0, 1e-3));
    }

    private int next; // parameters are made on first use, in order

    private Tensor parameter(Scope scope, double std, long... shape) {
        if (next == parameters.size()) {
            Shape s = Shape.of(shape);
            parameters.add(owner.leaf(s, normals((int) s.count(), std)));
        }
        return parameters.get(next++).in(scope);
    }

    private Tensor forward(Scope s) {
        Tensor x = images.in(s).conv2d(weight(s, c, 3, 1), bias(s, c), 1, 1);
        Tensor t = linear(s, times.in(s).timestepEmbedding(c), c).silu();
        Tensor h = residual(s, x, t, c);
        h = h.conv2d(weight(s, c, 4, c), bias(s, c), 2, 1);
        h = residual(s, h, t, 2 * c);
        Tensor normed = h.groupNorm(parameter(s, 1, 2L * c), bias(s, 2 * c), 8, EPS);
        h = linear(s, linear(s, normed, 6 * c).attention(4), 2 * c).addInPlace(h);
        h = h.convTranspose2d(parameter(s, 0.05, 2L * c, 4, 4, c), bias(s, c), 2, 1);
        h = residual(s, h.concatChannels(x), t, c);
        h = h.groupNormSilu(parameter(s, 1, c), bias(s, c), 8, EPS);
        return h.conv2d(weight(s, 1, 3, c), bias(s, 1), 1, 1);
    }

    private Tensor residual(Scope s, Tensor x, Tensor t, int out) {
        int in = (int) x.shape().dim(-1);
        Tensor h = x.groupNormSilu(parameter(s, 1, in), bias(s, in), 8, EPS);
        h = h.conv2d(weight(s, out, 3, in), bias(s, out), 1, 1).addPerImageInPlace(linear(s, t, out));
        h = h.groupNormSilu(parameter(s, 1, out), bias(s, out), 8, EPS);
        h = h.conv2d(weight(s, out, 3, out), bias(s, out), 1, 1);
        return h.addInPlace(x.conv2d(weight(s, out, 1, in), bias(s, out), 1, 0));
    }

    private Tensor linear(Scope s, Tensor x, int out) {
        long in = x.shape().dim(-1);
        return x.linear(parameter(s, 1 / Math.sqrt(in), out, in), bias(s, out));
    }

    private Tensor weight(Scope s, int out, int kernel, int in) {
        return parameter(s, 1 / Math.sqrt(kernel * kernel * in), out, kernel, kernel, in);
    }

    private Tensor bias(Scope s, int n) {
        return parameter(s, 0.01, n);
    }

    private void update(Gradients g) {
        if (slots.isEmpty()) {
            for (Tensor p : parameters) {
                Tensor m = owner.zeros(p.shape());
                Tensor v = owner.zeros(p.shape());
                slots.add(new OptimizerOps.Slot(p.count(), p.buffer(), null, m.buffer(), v.buffer()));
            }
        }
        List<OptimizerOps.Slot> filled = new ArrayList<>();
        for (int i = 0; i < slots.size(); i++) {
            OptimizerOps.Slot s = slots.get(i);
            filled.add(
                    new OptimizerOps.Slot(s.n(), s.p(), g.of(parameters.get(i)).buffer(), s.m(), s.v()));
        }
        owner.backend()
                .optimizer()
                .adam(
                        new AdamStep(0.9, 0.999, 1e-8, 0, true),
                        memory.update().buffer(),
                        memory.state().buffer(),
                        filled);
    }

    private float[] normals(int count, double std) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (std * random.nextGaussian());
        }
        return values;
    }

    @Override
    public void close() {
        memory.close();
        owner.close();
    }
}
