package ddpm.bench;

import ddpm.diffusion.DdpmSampler;
import ddpm.diffusion.NoiseSchedule;
import ddpm.diffusion.ScheduleConfig;
import ddpm.diffusion.Update;
import ddpm.engine.backend.BatchNumbers;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.DiffusionOps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.random.Permutation;
import ddpm.engine.random.Stream;
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
    private DiffusionOps ops;
    private NoiseAdd add;
    private ReverseStep reverse;
    private byte[] bytesOfImages;
    private Buffer images;
    private Buffer table;
    private Buffer batchNumbers;
    private Buffer lastNumbers;
    private Buffer middleNumbers;
    private Buffer xt;
    private Buffer eps;
    private Buffer time;
    private Buffer weight;
    private Buffer row;
    private Buffer out;
    private Buffer x0;
    private double elements;

    @Override
    void prepare(Operands operands) {
        ops = operands.backend().diffusion();
        Nhwc extents = Operands.nhwc(x);
        add = new NoiseAdd(
                extents, IMAGES, SEED, false, false, T, extents.n(), new Stream(0), new Stream(1), new Stream(2));
        reverse = new ReverseStep(extents, SEED, new Stream(6), 0, Clipping.CLIP, true, false);
        elements = extents.count();
        bytesOfImages = new byte[Math.toIntExact(IMAGES * extents.count() / extents.n())];
        new SplittableRandom(SEED).nextBytes(bytesOfImages);
        images = operands.backend().memory().allocate(bytesOfImages.length);
        operands.backend().memory().upload(bytesOfImages, images);
        float[] rows = new float[T * NoiseAdd.COLUMNS];
        for (int i = 0; i < T; i++) {
            int at = i * NoiseAdd.COLUMNS;
            rows[at + NoiseAdd.TIME] = i;
            rows[at + NoiseAdd.SIGNAL] = (float) schedule.signal(i);
            rows[at + NoiseAdd.NOISE] = (float) schedule.noise(i);
            rows[at + NoiseAdd.TARGET_EPS] = 1;
            rows[at + NoiseAdd.WEIGHT] = 1;
        }
        table = operands.of(rows);
        batchNumbers = operands.of(new BatchNumbers(0, 0, 0, 0).toWords());
        lastNumbers = operands.of(numbers(0).toWords());
        middleNumbers = operands.of(numbers(T / 2).toWords());
        xt = operands.empty(extents.count());
        eps = operands.empty(extents.count());
        time = operands.empty(extents.n());
        weight = operands.empty(extents.n());
        row = operands.empty(extents.n());
        out = operands.empty(extents.count());
        x0 = operands.empty(extents.count());
    }

    private Update update(int timestep) {
        return new DdpmSampler(schedule, true).update(T - 1 - timestep);
    }

    private ReverseStep.Numbers numbers(int timestep) {
        Update u = update(timestep);
        return new ReverseStep.Numbers()
                .key(timestep)
                .estimate((float) u.x0FromX(), (float) -u.x0FromEps())
                .next((float) u.fromX0(), (float) u.fromX(), (float) u.fromEps())
                .noise((float) u.sigma());
    }

    /** The first element of each, from the formulas; of the reverse step the last one, which draws nothing. */
    @Override
    void check(Operands operands) {
        add();
        int[] timesteps = new int[Math.toIntExact(add.batch().n())];
        operands.backend().memory().download(row, timesteps);
        int length = Math.toIntExact(add.batch().count() / add.batch().n());
        double pixel = (bytesOfImages[new Permutation(IMAGES, SEED, 0).at(0) * length] & 0xFF) / 127.5 - 1;
        double e = operands.values(eps, 1)[0];
        double noisy = schedule.signal(timesteps[0]) * pixel + schedule.noise(timesteps[0]) * e;
        operands.requireClose("noiseAdd", noisy, operands.values(xt, 1)[0], 1);
        ops.reverse(reverse, lastNumbers, xt, eps, null, null, out, x0);
        Update u = update(0);
        double guess = Math.max(-1, Math.min(1, u.x0FromX() * noisy - u.x0FromEps() * e));
        double next = u.fromX0() * guess + u.fromX() * noisy + u.fromEps() * e;
        operands.requireClose("reverse", next, operands.values(out, 1)[0], 1);
    }

    private void add() {
        ops.noiseAdd(add, batchNumbers, images, table, xt, eps, time, weight, row);
    }

    /** Reads bytes, writes x_t and eps. */
    @Benchmark
    public void noiseAdd(Timing timing) {
        time(timing, 0, 9 * elements, this::add);
    }

    /** Reads x_t and eps, writes x_{t-1} and x_0. */
    @Benchmark
    public void reverseStep(Timing timing) {
        time(timing, 0, 16 * elements, () -> ops.reverse(reverse, middleNumbers, xt, eps, null, null, out, x0));
    }
}
