package ddpm.train;

import ddpm.diffusion.AliasTable;
import ddpm.diffusion.LossHistory;
import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.TrainingTable;
import ddpm.diffusion.likelihood.BoundTable;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.HybridLoss;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.io.TensorSource;
import ddpm.engine.ops.QSample;
import ddpm.engine.optim.KeptLosses;
import ddpm.engine.optim.StepMemory;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.train.settings.RunConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a batch is made of and what a network's answer to it costs: the objective of a run as tables on the device. Where rows are drawn
 * with shares that follow the losses, the tables are written anew between steps, at numbers of steps that do not depend on how many are
 * asked for at once.
 */
final class StepLoss implements AutoCloseable {
    private final ObjectiveConfig objective;
    private final Schedule schedule;
    private final Backend backend;
    private final Scope tables;
    private final TrainingTable table; // with equal shares
    private final QSample qSample;
    private final Tensor bound; // null where the variance is fixed
    private final LossHistory history; // null where shares stay equal
    private final KeptLosses kept;
    private final int[] parts; // of each row, see LossByTime
    private double[] corrections;

    /** @param slots steps that may be asked for at once */
    StepLoss(RunConfig config, Backend backend, int slots) {
        this.objective = config.objective();
        this.schedule = config.diffusion().schedule();
        this.backend = backend;
        this.tables = Scope.on(backend);
        this.table = TrainingTable.of(schedule, objective.prediction(), objective.weighting(), objective.times());
        this.qSample = new QSample(table.tensor(tables));
        this.corrections = new double[table.rows()];
        Arrays.fill(corrections, 1);
        this.bound =
                objective.learned() ? tables.tensor(Shape.of(table.rows(), HybridLoss.COLUMNS), boundTable()) : null;
        this.history = objective.times().history(table.rows()).orElse(null);
        this.kept =
                new KeptLosses(backend, slots, Math.toIntExact(config.train().wholeBatch()));
        this.parts = Arrays.stream(table.times())
                .mapToInt(t -> LossByTime.part(t, schedule.timesteps()))
                .toArray();
    }

    private float[] boundTable() {
        double[] weights = new double[table.rows()];
        Arrays.setAll(weights, row -> objective.vlbWeight() * schedule.timesteps() * corrections[row]);
        return BoundTable.of(schedule, objective.prediction(), table.times(), weights);
    }

    /** Rows of the table from which a batch draws. */
    int rows() {
        return table.rows();
    }

    /** A batch. @param numbers {@link ddpm.engine.backend.DiffusionOps.BatchNumbers} @param images U8 [images,H,W,C] */
    QSample.Batch batch(NoiseAdd g, Tensor numbers, Tensor images) {
        return qSample.batch(g, numbers, images);
    }

    /**
     * What an answer costs.
     *
     * @param perImage [N], as the operation gives it
     * @param row I32 [N]
     */
    record Loss(Tensor mean, Tensor perImage, Tensor row) {}

    /** Of a batch or of a part of one. @param predicted the network's output */
    Loss of(QSample.Batch batch, Tensor predicted) {
        Tensor perImage = predicted.scope().empty(batch.weight().shape());
        Tensor mean = bound == null
                ? predicted.mse(batch.target(), batch.weight(), perImage)
                : predicted.hybridLoss(batch, bound, perImage);
        return new Loss(mean, perImage, batch.row());
    }

    /** Keeps what each image cost until {@link #learn}. */
    void keep(Loss loss, StepMemory memory) {
        kept.keep(memory, loss.row(), loss.perImage());
    }

    /** Writes the table for the step after {@code step}; for how many of {@code most} steps it is the right one. */
    int prepare(long step, int most) {
        if (history == null) {
            return most;
        }
        if (history.refresh(step)) {
            write();
        }
        return Math.min(most, history.stepsAlike(step));
    }

    private void write() {
        AliasTable drawn = AliasTable.of(history.shares());
        corrections = drawn.corrections();
        backend.memory().upload(table.with(drawn).values(), qSample.table().buffer());
        if (bound != null) {
            backend.memory().upload(boundTable(), bound.buffer());
        }
    }

    /**
     * Remembers what the images of steps that are done have cost. One copy from the device for all of them, after their results
     * were waited for.
     *
     * @param rows images of each, in the order of the slots
     * @return of each
     */
    List<LossByTime> learn(List<Integer> rows) {
        KeptLosses.Read read = kept.read();
        List<LossByTime> steps = new ArrayList<>();
        for (int slot = 0; slot < rows.size(); slot++) {
            double[] sums = new double[LossByTime.PARTS];
            double[] counts = new double[LossByTime.PARTS];
            read.each(slot, rows.get(slot), (row, loss) -> {
                double own = own(row, loss);
                sums[parts[row]] += corrections[row] * own;
                counts[parts[row]] += corrections[row];
                if (history != null) {
                    history.add(row, own);
                }
            });
            steps.add(LossByTime.of(sums, counts));
        }
        return steps;
    }

    /** What an image would have added to the loss if all t were drawn alike. */
    private double own(int row, float loss) {
        return bound == null
                ? loss * (double) table.values()[row * NoiseAdd.COLUMNS + NoiseAdd.WEIGHT]
                : loss / corrections[row];
    }

    /** What it remembers of the steps done. */
    Map<String, TensorSource> sources() {
        return history == null ? Map.of() : history.sources();
    }

    /** Goes on from what {@link #sources} gave. */
    void load(Map<String, HostTensor> from) {
        if (history != null) {
            history.load(from);
            write();
        }
    }

    @Override
    public void close() {
        tables.close();
        kept.close();
    }
}
