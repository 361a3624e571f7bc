package ddpm.bench;

import ddpm.diffusion.DdpmSampler;
import ddpm.diffusion.NoiseSchedule;
import ddpm.diffusion.ScheduleConfig;
import ddpm.diffusion.Update;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.RandomOps;
import ddpm.engine.backend.ReverseNumbers;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.StepNumbers;
import ddpm.engine.random.Permutation;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The two diffusion steps: a training batch from the data set's bytes with its noise, and x_{t-1} from x_t. */
public class DiffusionBench extends OpBench {
    private static final int IMAGES = 1024;
    private static final int T = 1000;
    private static final int SEED = 1;

    @Param({"64x28x28x1", "256x32x32x3"})
    String x;

    private final NoiseSchedule schedule = new NoiseSchedule(new ScheduleConfig(T, 1e-4, 0.02));
    private RandomOps ops;
    private NoiseAdd add;
    private ReverseStep reverse;
    private byte[] bytesOfImages;
    private Buffer images;
    private Buffer signal;
    private Buffer noise;
    private Buffer stepNumbers;
    private Buffer lastNumbers;
    private Buffer middleNumbers;
    private Buffer xt;
    private Buffer eps;
    private Buffer t;
    private Buffer out;
    private Buffer x0;
    private double elements;

    @Override
    void prepare(Operands operands) {
        ops = operands.backend().random();
        Nhwc extents = Operands.nhwc(x);
        add = new NoiseAdd(extents, IMAGES, SEED, false, false, T);
        reverse = new ReverseStep(extents, SEED, true);
        elements = extents.count();
        bytesOfImages = new byte[Math.toIntExact(IMAGES * extents.count() / extents.n())];
        new SplittableRandom(SEED).nextBytes(bytesOfImages);
        images = operands.backend().memory().allocate(bytesOfImages.length);
        operands.backend().memory().upload(bytesOfImages, images);
        float[] signals = new float[T];
        float[] noises = new float[T];
        for (int i = 0; i < T; i++) {
            signals[i] = (float) schedule.signal(i);
            noises[i] = (float) schedule.noise(i);
        }
        signal = operands.of(signals);
        noise = operands.of(noises);
        stepNumbers = operands.of(new StepNumbers(0, 0, 0, 0, 0, 0, 0, 0).toWords());
        lastNumbers = operands.of(numbers(0).toWords());
        middleNumbers = operands.of(numbers(T / 2).toWords());
        xt = operands.empty(extents.count());
        eps = operands.empty(extents.count());
        t = operands.empty(extents.n());
        out = operands.empty(extents.count());
        x0 = operands.empty(extents.count());
    }

    private Update update(int timestep) {
        return new DdpmSampler(schedule, true).update(T - 1 - timestep);
    }

    private ReverseNumbers numbers(int timestep) {
        return update(timestep).numbers(0);
    }

    /** The first element of each, from the formulas; of the reverse step the last one, which draws nothing. */
    @Override
    void check(Operands operands) {
        ops.noiseAdd(add, stepNumbers, images, signal, noise, xt, eps, t);
        int[] timesteps = new int[Math.toIntExact(add.batch().n())];
        operands.backend().memory().download(t, timesteps);
        int length = Math.toIntExact(add.batch().count() / add.batch().n());
        double pixel = (bytesOfImages[new Permutation(IMAGES, SEED, 0).at(0) * length] & 0xFF) / 127.5 - 1;
        double e = operands.values(eps, 1)[0];
        double noisy = schedule.signal(timesteps[0]) * pixel + schedule.noise(timesteps[0]) * e;
        operands.requireClose("noiseAdd", noisy, operands.values(xt, 1)[0], 1);
        ops.reverseStep(reverse, lastNumbers, xt, eps, out, x0);
        Update u = update(0);
        double guess = Math.max(-1, Math.min(1, u.x0FromX() * noisy - u.x0FromEps() * e));
        double next = u.fromX0() * guess + u.fromX() * noisy + u.fromEps() * e;
        operands.requireClose("reverseStep", next, operands.values(out, 1)[0], 1);
    }

    /** Reads bytes, writes x_t and eps. */
    @Benchmark
    public void noiseAdd(Timing timing) {
        time(timing, 0, 9 * elements, () -> ops.noiseAdd(add, stepNumbers, images, signal, noise, xt, eps, t));
    }

    /** Reads x_t and eps, writes x_{t-1} and x_0. */
    @Benchmark
    public void reverseStep(Timing timing) {
        time(timing, 0, 16 * elements, () -> ops.reverseStep(reverse, middleNumbers, xt, eps, out, x0));
    }
}
