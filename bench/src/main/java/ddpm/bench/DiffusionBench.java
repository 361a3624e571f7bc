package ddpm.bench;

import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.Streams;
import ddpm.diffusion.TrainingTable;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.schedule.BetaSchedule;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.solver.Stage;
import ddpm.diffusion.times.Uniform;
import ddpm.diffusion.weighting.Simple;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.DiffusionOps;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.random.Permutation;
import ddpm.train.settings.SampleConfig;
import java.util.List;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The two diffusion steps: a training batch from the data set's bytes with its noise, and x_{t-1} from x_t. */
public class DiffusionBench extends OpBench {
    private static final int IMAGES = 1024;
    private static final int T = 1000;
    private static final int SEED = 1;
    private static final ObjectiveConfig OBJECTIVE =
            new ObjectiveConfig(new Eps(), new Simple(), new Uniform(), "fixed_small", 0.001);

    @Param({"64x28x28x1", "256x32x32x3"})
    String x;

    private final BetaSchedule schedule = ScheduleConfig.reference().schedule();
    private final List<Stage> stages = new SampleConfig("ddpm", T, 1, 0, "trailing", true, 0, 1)
            .plan(ScheduleConfig.reference(), OBJECTIVE)
            .stages();
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
                extents,
                IMAGES,
                SEED,
                false,
                false,
                T,
                extents.n(),
                Streams.TRAINING_NOISE,
                Streams.TRAINING_TIME,
                Streams.FLIP);
        reverse = stage(0).step(extents, SEED, 0);
        elements = extents.count();
        bytesOfImages = new byte[Math.toIntExact(IMAGES * extents.count() / extents.n())];
        new SplittableRandom(SEED).nextBytes(bytesOfImages);
        images = operands.backend().memory().allocate(bytesOfImages.length);
        operands.backend().memory().upload(bytesOfImages, images);
        table = operands.of(TrainingTable.of(schedule, new Eps(), new Simple(), new Uniform())
                .values());
        batchNumbers = operands.of(new BatchNumbers(0, 0, 0, 0).toWords());
        lastNumbers = operands.of(stage(0).numbers(0).toWords());
        middleNumbers = operands.of(stage(T / 2).numbers(0).toWords());
        xt = operands.empty(extents.count());
        eps = operands.empty(extents.count());
        time = operands.empty(extents.n());
        weight = operands.empty(extents.n());
        row = operands.empty(extents.n());
        out = operands.empty(extents.count());
        x0 = operands.empty(extents.count());
    }

    private Stage stage(int timestep) {
        return stages.get(T - 1 - timestep);
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
        double guess = Math.max(-1, Math.min(1, (noisy - schedule.noise(0) * e) / schedule.signal(0)));
        double next = stage(0).next().x0() * guess + stage(0).next().x() * noisy;
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
