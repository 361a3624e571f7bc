package ddpm.engine.testing;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/** As {@link Reference}, of operations on arrays that are no images. */
public final class ArrayReference {
    private ArrayReference() {}

    /** y[i,k] = exp(x[i,k]) / sum over j of exp(x[i,j]), rows of {@code length}. */
    public static double[] softmax(int length, double[] x) {
        double[] y = new double[x.length];
        for (int at = 0; at < x.length; at += length) {
            double sum = 0;
            for (int k = at; k < at + length; k++) {
                y[k] = Math.exp(x[k]);
                sum += y[k];
            }
            for (int k = at; k < at + length; k++) {
                y[k] /= sum;
            }
        }
        return y;
    }

    /** y[b,j,i] = x[b,i,j]. */
    public static double[] transpose(int rows, int columns, double[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int matrix = i / (rows * columns) * rows * columns;
            y[matrix + i % columns * rows + (i - matrix) / columns] = x[i];
        }
        return y;
    }

    /** The elements from .. to-1 of an extent, in front of which lie {@code outer} and behind which {@code inner} elements. */
    public static double[] slice(int outer, int extent, int inner, int from, int to, double[] x) {
        double[] y = new double[outer * (to - from) * inner];
        int at = 0;
        for (int o = 0; o < outer; o++) {
            for (int e = from; e < to; e++) {
                for (int i = 0; i < inner; i++) {
                    y[at++] = x[(o * extent + e) * inner + i];
                }
            }
        }
        return y;
    }

    /** {@link Reference#matmul} of each of {@code batch} matrices. */
    public static double[] batchedMatmul(int batch, int m, int k, int n, double[] a, double[] b) {
        double[] y = new double[batch * m * n];
        for (int i = 0; i < batch; i++) {
            double[] own = Reference.matmul(
                    m,
                    k,
                    n,
                    Arrays.copyOfRange(a, i * m * k, (i + 1) * m * k),
                    Arrays.copyOfRange(b, i * k * n, (i + 1) * k * n));
            System.arraycopy(own, 0, y, i * m * n, m * n);
        }
        return y;
    }

    /** y[n,p,c] = f(x[n,p,c], b[n,c]), or f(x[n,p,c], b[c]) where b is one vector. */
    public static double[] spread(int images, int c, double[] x, double[] b, DoubleBinaryOperator f) {
        double[] y = new double[x.length];
        int image = x.length / images;
        for (int i = 0; i < x.length; i++) {
            y[i] = f.applyAsDouble(x[i], b[(b.length == c ? 0 : i / image * c) + i % c]);
        }
        return y;
    }
}
