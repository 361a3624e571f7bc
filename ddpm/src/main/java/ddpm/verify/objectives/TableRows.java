package ddpm.verify.objectives;

import ddpm.diffusion.TrainingTable;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.ops.QSample;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.stream.IntStream;

/** What training forms from given images, noise and rows of a table: by the kernel that forms x_t. */
record TableRows(TrainingTable table) {
    /** x_t, [N,H,W,C]. @param rows of the table, one for each image */
    Tensor noisy(Tensor x0, int[] rows, Tensor eps) {
        return mix(x0, rows, eps, NoiseAdd.SIGNAL, NoiseAdd.NOISE);
    }

    /** What the network should say, [N,H,W,C]: the same sum with the target's factors in place of x_t's. */
    Tensor target(Tensor x0, int[] rows, Tensor eps) {
        return mix(x0, rows, eps, NoiseAdd.TARGET_X0, NoiseAdd.TARGET_EPS);
    }

    /** A column, in the order of the rows. */
    double[] column(int column) {
        return IntStream.range(0, table.rows())
                .mapToDouble(row -> table.values()[row * NoiseAdd.COLUMNS + column])
                .toArray();
    }

    private Tensor mix(Tensor x0, int[] rows, Tensor eps, int ofX0, int ofEps) {
        float[] values = new float[table.rows() * NoiseAdd.COLUMNS];
        for (int from = 0; from < values.length; from += NoiseAdd.COLUMNS) {
            values[from + NoiseAdd.SIGNAL] = table.values()[from + ofX0];
            values[from + NoiseAdd.NOISE] = table.values()[from + ofEps];
        }
        Scope scope = x0.scope();
        Tensor mixes = scope.tensor(Shape.of(table.rows(), NoiseAdd.COLUMNS), values);
        return new QSample(mixes).apply(x0, scope.tensor(Shape.of(rows.length), rows), eps);
    }

    /** The rows 0 .. n-1, for a table with one row for each image. */
    static int[] oneEach(HostTensor images) {
        return IntStream.range(0, Math.toIntExact(images.shape()[0])).toArray();
    }
}
