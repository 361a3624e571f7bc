package ddpm.evaluate.measure;

import ddpm.engine.backend.Backend;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/** The inner products of all pairs of two sets of points, in float32 on a backend, a block at a time. */
public final class Products {
    private static final int ROWS = 1024; // of the first set at a time
    private static final int COLUMNS = 4096; // of the second: 16 MB of products

    private final Backend backend;

    /** @param backend computes in float32 */
    public Products(Backend backend) {
        this.backend = backend;
    }

    /** Takes the products of some points of both sets. */
    @FunctionalInterface
    interface Block {
        /** @param products [rows,columns] of the points from {@code firstA} and {@code firstB} on; overwritten later */
        void take(int firstA, int firstB, int rows, int columns, float[] products);
    }

    /** Takes the squared distances of some points of both sets. */
    @FunctionalInterface
    interface DistanceBlock {
        /**
         * @param squared [rows,columns] of the points from {@code firstA} and {@code firstB} on; overwritten later
         * @param uncertain how far they may be off at most
         */
        void take(int firstA, int firstB, int rows, int columns, double[] squared, double uncertain);
    }

    /** All of (a - centre) (b - centre)^T, in an order that is always the same. */
    void forEach(Rows a, Rows b, float[] centre, Block to) {
        if (a.dim() != b.dim() || centre.length != a.dim()) {
            throw new IllegalArgumentException(
                    "products: points of " + a.dim() + " and of " + b.dim() + " numbers, must be the same");
        }
        for (int i = 0; i < a.count(); i += ROWS) {
            int rows = Math.min(ROWS, a.count() - i);
            float[] left = block(a, i, rows, centre);
            for (int j = 0; j < b.count(); j += COLUMNS) {
                int columns = Math.min(COLUMNS, b.count() - j);
                float[] right = block(b, j, columns, centre);
                try (Scope scope = Scope.on(backend)) {
                    Tensor x = scope.tensor(Shape.of(rows, a.dim()), left);
                    Tensor y = scope.tensor(Shape.of(columns, a.dim()), right);
                    to.take(
                            i,
                            j,
                            rows,
                            columns,
                            x.linear(y, scope.zeros(Shape.of(columns))).toFloats());
                }
            }
        }
    }

    /**
     * |a - b|^2 = |a|^2 + |b|^2 - 2 ab, of points moved so that the mean of b is at 0: what cancels is then as small as
     * the distances themselves.
     */
    void distances(Rows a, Rows b, DistanceBlock to) {
        float[] centre = centre(b);
        double[] squaresA = squares(a, centre);
        double[] squaresB = squares(b, centre);
        double[] squared = new double[Math.min(ROWS, a.count()) * Math.min(COLUMNS, b.count())];
        forEach(a, b, centre, (firstA, firstB, rows, columns, products) -> {
            double largest = 0;
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    double both = squaresA[firstA + i] + squaresB[firstB + j];
                    largest = Math.max(largest, both);
                    squared[i * columns + j] = Math.max(0, both - 2.0 * products[i * columns + j]);
                }
            }
            to.take(firstA, firstB, rows, columns, squared, uncertainty(a.dim()) * largest);
        });
    }

    /** Of a float32 sum of so many products, as a share of |a|^2 + |b|^2, which is at least twice the sum of |a_k b_k|. */
    private static double uncertainty(int dim) {
        return 4 * 0x1p-24 * Math.sqrt(dim) + 0x1p-22;
    }

    /** |a_i - b_j| in double. */
    static double exact(Rows a, int i, Rows b, int j) {
        float[] x = a.row(i);
        float[] y = b.row(j);
        double sum = 0;
        for (int k = 0; k < x.length; k++) {
            double d = (double) x[k] - y[k];
            sum += d * d;
        }
        return Math.sqrt(sum);
    }

    private static float[] block(Rows from, int first, int count, float[] centre) {
        int dim = from.dim();
        float[] values = new float[count * dim];
        for (int i = 0; i < count; i++) {
            from.copy(first + i, values, i * dim);
            for (int k = 0; k < dim; k++) {
                values[i * dim + k] -= centre[k];
            }
        }
        return values;
    }

    private static float[] centre(Rows rows) {
        double[] mean = Gaussian.mean(rows);
        float[] centre = new float[mean.length];
        for (int k = 0; k < centre.length; k++) {
            centre[k] = (float) mean[k];
        }
        return centre;
    }

    private static double[] squares(Rows rows, float[] centre) {
        double[] squares = new double[rows.count()];
        float[] row = new float[rows.dim()];
        for (int i = 0; i < squares.length; i++) {
            rows.copy(i, row, 0);
            for (int k = 0; k < row.length; k++) {
                double d = row[k] - centre[k]; // in float32, as the product takes it
                squares[i] += d * d;
            }
        }
        return squares;
    }
}
