package ddpm.verify.objectives;

import ddpm.diffusion.Schedule;
import ddpm.diffusion.TrainingTable;
import ddpm.diffusion.likelihood.BoundTable;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.times.Uniform;
import ddpm.diffusion.weighting.Simple;
import ddpm.engine.backend.HybridLoss;
import ddpm.engine.ops.QSample;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.Difference;
import java.util.Arrays;

/**
 * The term of the bound at the t of each image as a training sees it: the loss of a learned variance on the device, without its squared
 * error, so that the kernel and its table are compared with other programs' numbers.
 *
 * @param at prefix of the tensors
 * @param t of each image
 */
record TrainedBound(Objectives o, String at, Schedule schedule, int[] t) {
    /** In bits per dimension. */
    double[] bits() {
        TrainingTable table = TrainingTable.of(schedule, new Eps(), new Simple(), new Uniform());
        double[] ones = new double[table.rows()];
        Arrays.fill(ones, 1);
        float[] bound = BoundTable.of(schedule, new Eps(), table.times(), ones);
        TableRows rows = new TableRows(table);
        try (Scope scope = Scope.on(o.backend())) {
            Tensor x0 = o.images(scope, at + "x0");
            Tensor eps = o.images(scope, at + "eps");
            Tensor unweighted = scope.zeros(Shape.of(t.length));
            QSample.Batch batch = new QSample.Batch(
                    rows.noisy(x0, t, eps),
                    rows.target(x0, t, eps),
                    unweighted,
                    unweighted,
                    scope.tensor(Shape.of(t.length), t));
            Tensor said = o.images(scope, at + "eps_output").concatChannels(o.images(scope, at + "v_output"));
            Tensor perImage = scope.empty(Shape.of(t.length));
            said.hybridLoss(batch, scope.tensor(Shape.of(table.rows(), HybridLoss.COLUMNS), bound), perImage);
            return Difference.widen(perImage.toFloats());
        }
    }
}
