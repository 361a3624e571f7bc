package ddpm.train;

import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.TrainingTable;
import ddpm.diffusion.likelihood.BoundTable;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.HybridLoss;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.ops.QSample;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.Arrays;

/** What a batch is made of and what a network's answer to it costs: the objective of a run as tables on the device. */
final class StepLoss implements AutoCloseable {
    private final Scope tables;
    private final TrainingTable table;
    private final QSample qSample;
    private final Tensor bound; // null where the variance is fixed

    StepLoss(RunConfig config, Backend backend) {
        ObjectiveConfig o = config.objective();
        Schedule schedule = config.diffusion().schedule();
        this.tables = Scope.on(backend);
        this.table = TrainingTable.of(schedule, o.prediction(), o.weighting(), o.times());
        this.qSample = new QSample(table.tensor(tables));
        this.bound = o.learned() ? bound(o, schedule) : null;
    }

    private Tensor bound(ObjectiveConfig o, Schedule schedule) {
        double[] weights = new double[table.rows()];
        Arrays.fill(weights, o.vlbWeight() * schedule.timesteps());
        float[] values = BoundTable.of(schedule, o.prediction(), table.times(), weights);
        return tables.tensor(Shape.of(table.rows(), HybridLoss.COLUMNS), values);
    }

    /** Rows of the table from which a batch draws. */
    int rows() {
        return table.rows();
    }

    /** A batch. @param numbers {@link ddpm.engine.backend.BatchNumbers} @param images U8 [images,H,W,C] */
    QSample.Batch batch(NoiseAdd g, Tensor numbers, Tensor images) {
        return qSample.batch(g, numbers, images);
    }

    /** Mean loss of a batch or of a part of one. @param predicted the network's output */
    Tensor of(QSample.Batch batch, Tensor predicted) {
        Tensor perImage = predicted.scope().empty(batch.weight().shape());
        return bound == null
                ? predicted.mse(batch.target(), batch.weight(), perImage)
                : predicted.hybridLoss(batch, bound, perImage);
    }

    @Override
    public void close() {
        tables.close();
    }
}
