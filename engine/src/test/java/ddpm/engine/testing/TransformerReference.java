package ddpm.engine.testing;

import ddpm.engine.backend.LayoutOps.Squares;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NormOps.LayerNorm;

/** What transformers of images compute beside attention, in double, straight from the formulas. */
public final class TransformerReference {
    private TransformerReference() {}

    /** gamma * (x - mean) / sqrt(var + eps) + beta; mean and biased variance over each row. @param gamma null, with beta, for none */
    public static double[] layerNorm(LayerNorm g, double[] x, double[] gamma, double[] beta) {
        int c = (int) g.c();
        double[] y = new double[x.length];
        for (int first = 0; first < x.length; first += c) {
            double mean = 0;
            for (int i = 0; i < c; i++) {
                mean += x[first + i] / c;
            }
            double var = 0;
            for (int i = 0; i < c; i++) {
                var += (x[first + i] - mean) * (x[first + i] - mean) / c;
            }
            for (int i = 0; i < c; i++) {
                double normal = (x[first + i] - mean) / Math.sqrt(var + g.eps());
                y[first + i] = gamma == null ? normal : gamma[i] * normal + beta[i];
            }
        }
        return y;
    }

    /** x[n,h,w,c] + gate[n,c] * b[n,h,w,c]. */
    public static double[] addGated(Nhwc g, double[] x, double[] b, double[] gate) {
        double[] y = x.clone();
        for (int i = 0; i < y.length; i++) {
            y[i] += gate[(int) (i / (g.pixels() * g.c()) * g.c() + i % g.c())] * b[i];
        }
        return y;
    }

    /** y[n,h*s+i,w*s+j,c] = x[n,h,w,(i*s+j)*C+c], by counting through x. */
    public static double[] depthToSpace(Squares g, double[] x) {
        double[] y = new double[x.length];
        Nhwc image = g.image();
        int side = (int) g.side();
        int at = 0;
        for (int n = 0; n < image.n(); n++) {
            for (int h = 0; h < image.h() / side; h++) {
                for (int w = 0; w < image.w() / side; w++) {
                    for (int i = 0; i < side; i++) {
                        for (int j = 0; j < side; j++) {
                            for (int c = 0; c < image.c(); c++) {
                                long row = n * image.h() + h * side + i;
                                y[(int) ((row * image.w() + w * side + j) * image.c() + c)] = x[at++];
                            }
                        }
                    }
                }
            }
        }
        return y;
    }
}
