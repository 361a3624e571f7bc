package ddpm.engine.testing;

import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.ElementwiseOps.Waves;
import ddpm.engine.backend.LabelOps.Guide;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NormOps.GroupNorm;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Every operation once more: double, forward only, straight from the formula, slow. Layouts as in the backend. */
public final class Reference {
    private Reference() {}

    // ---- convolutions ----

    /** y[n,i,j,o] = b[o] + sum over window (a,b) and channel c of x[n,i*s-p+a,j*s-p+b,c] * w[o,a,b,c]. */
    public static double[] conv2d(ConvSpec g, double[] x, double[] w, double[] b) {
        Nhwc in = g.x();
        Nhwc out = g.y();
        double[] y = new double[(int) out.count()];
        int cin = (int) in.c();
        int kh = (int) g.kernel().h();
        int kw = (int) g.kernel().w();
        int at = 0;
        for (int n = 0; n < out.n(); n++) {
            for (int i = 0; i < out.h(); i++) {
                for (int j = 0; j < out.w(); j++) {
                    for (int o = 0; o < out.c(); o++) {
                        double sum = b[o];
                        for (int a = 0; a < kh; a++) {
                            for (int d = 0; d < kw; d++) {
                                long row = i * g.stride().h() - g.padding().h() + a;
                                long col = j * g.stride().w() - g.padding().w() + d;
                                if (row >= 0 && row < in.h() && col >= 0 && col < in.w()) {
                                    int px = (int) (((n * in.h() + row) * in.w() + col) * cin);
                                    int pw = ((o * kh + a) * kw + d) * cin;
                                    for (int c = 0; c < cin; c++) {
                                        sum += x[px + c] * w[pw + c];
                                    }
                                }
                            }
                        }
                        y[at++] = sum;
                    }
                }
            }
        }
        return y;
    }

    /** y[n,i*s-p+a,j*s-p+b,o] += x[n,i,j,c] * w[c,a,b,o], starting from b[o]. */
    public static double[] convTranspose2d(ConvSpec g, double[] x, double[] w, double[] b) {
        Nhwc in = g.x();
        Nhwc out = g.y();
        double[] y = new double[(int) out.count()];
        int cout = (int) out.c();
        int kh = (int) g.kernel().h();
        int kw = (int) g.kernel().w();
        for (int i = 0; i < y.length; i++) {
            y[i] = b[i % cout];
        }
        int at = 0;
        for (int n = 0; n < in.n(); n++) {
            for (int i = 0; i < in.h(); i++) {
                for (int j = 0; j < in.w(); j++) {
                    for (int c = 0; c < in.c(); c++) {
                        double value = x[at++];
                        for (int a = 0; a < kh; a++) {
                            for (int d = 0; d < kw; d++) {
                                long row = i * g.stride().h() - g.padding().h() + a;
                                long col = j * g.stride().w() - g.padding().w() + d;
                                if (row >= 0 && row < out.h() && col >= 0 && col < out.w()) {
                                    int py = (int) (((n * out.h() + row) * out.w() + col) * cout);
                                    int pw = ((c * kh + a) * kw + d) * cout;
                                    for (int o = 0; o < cout; o++) {
                                        y[py + o] += value * w[pw + o];
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return y;
    }

    // ---- matrix products ----

    /** y[i,j] = sum over p of a[i,p] * b[p,j]. */
    public static double[] matmul(int m, int k, int n, double[] a, double[] b) {
        double[] y = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int p = 0; p < k; p++) {
                for (int j = 0; j < n; j++) {
                    y[i * n + j] += a[i * k + p] * b[p * n + j];
                }
            }
        }
        return y;
    }

    /** y[i,o] = b[o] + sum over p of x[i,p] * w[o,p]. */
    public static double[] linear(int in, int out, double[] x, double[] w, double[] b) {
        int rows = x.length / in;
        double[] y = new double[rows * out];
        for (int i = 0; i < rows; i++) {
            for (int o = 0; o < out; o++) {
                double sum = b[o];
                for (int p = 0; p < in; p++) {
                    sum += x[i * in + p] * w[o * in + p];
                }
                y[i * out + o] = sum;
            }
        }
        return y;
    }

    // ---- normalisation, attention ----

    /** y = gamma * (x - mean) / sqrt(var + eps) + beta; mean and biased variance over (H, W, C/G). */
    public static double[] groupNorm(GroupNorm g, double[] x, double[] gamma, double[] beta) {
        Nhwc e = g.x();
        int c = (int) e.c();
        int pixels = (int) e.pixels();
        int width = (int) g.groupChannels();
        double[] y = new double[x.length];
        for (int n = 0; n < e.n(); n++) {
            for (int first = 0; first < c; first += width) {
                double mean = 0;
                for (int p = 0; p < pixels; p++) {
                    for (int k = first; k < first + width; k++) {
                        mean += x[(n * pixels + p) * c + k] / (pixels * width);
                    }
                }
                double var = 0;
                for (int p = 0; p < pixels; p++) {
                    for (int k = first; k < first + width; k++) {
                        double d = x[(n * pixels + p) * c + k] - mean;
                        var += d * d / (pixels * width);
                    }
                }
                for (int p = 0; p < pixels; p++) {
                    for (int k = first; k < first + width; k++) {
                        int i = (n * pixels + p) * c + k;
                        y[i] = gamma[k] * (x[i] - mean) / Math.sqrt(var + g.eps()) + beta[k];
                    }
                }
            }
        }
        return y;
    }

    /** y = softmax(q k^T / sqrt(d)) v for each image and head; the largest logit is taken off before exp. */
    public static double[] attention(Attention g, double[] qkv) {
        int t = (int) g.tokens();
        int d = (int) g.headDim();
        int c = (int) g.width();
        double[] y = new double[(int) g.n() * t * c];
        double[] p = new double[t];
        for (int n = 0; n < g.n(); n++) {
            for (int head = 0; head < g.heads(); head++) {
                for (int i = 0; i < t; i++) {
                    int q = (n * t + i) * 3 * c + head * d;
                    double max = Double.NEGATIVE_INFINITY;
                    for (int j = 0; j < t; j++) {
                        int k = (n * t + j) * 3 * c + c + head * d;
                        double dot = 0;
                        for (int l = 0; l < d; l++) {
                            dot += qkv[q + l] * qkv[k + l];
                        }
                        p[j] = dot / Math.sqrt(d);
                        max = Math.max(max, p[j]);
                    }
                    double sum = 0;
                    for (int j = 0; j < t; j++) {
                        p[j] = Math.exp(p[j] - max);
                        sum += p[j];
                    }
                    int out = (n * t + i) * c + head * d;
                    for (int j = 0; j < t; j++) {
                        int v = (n * t + j) * 3 * c + 2 * c + head * d;
                        for (int l = 0; l < d; l++) {
                            y[out + l] += p[j] / sum * qkv[v + l];
                        }
                    }
                }
            }
        }
        return y;
    }

    // ---- elementwise ----

    public static double[] add(double[] a, double[] b) {
        double[] y = a.clone();
        for (int i = 0; i < y.length; i++) {
            y[i] += b[i];
        }
        return y;
    }

    public static double[] scale(double factor, double[] x) {
        double[] y = x.clone();
        for (int i = 0; i < y.length; i++) {
            y[i] *= factor;
        }
        return y;
    }

    /** y = x / (1 + exp(-x)). */
    public static double[] silu(double[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i] / (1 + Math.exp(-x[i]));
        }
        return y;
    }

    /** y[n,h,w,c] = x[n,h,w,c] + b[n,c]. */
    public static double[] addPerImage(Nhwc g, double[] x, double[] b) {
        double[] y = x.clone();
        for (int i = 0; i < y.length; i++) {
            y[i] += b[(int) (i / (g.pixels() * g.c()) * g.c() + i % g.c())];
        }
        return y;
    }

    /** x (1 + e[n,c]) + e[n,C+c]. */
    public static double[] modulate(Nhwc g, double[] x, double[] e) {
        double[] y = new double[x.length];
        int c = (int) g.c();
        for (int i = 0; i < y.length; i++) {
            int scale = (int) (i / (g.pixels() * c) * 2 * c + i % c);
            y[i] = x[i] * (1 + e[scale]) + e[scale + c];
        }
        return y;
    }

    /** sin(t / f), then cos(t / f), f = 10000^(k / (dim/2)). */
    public static double[] timestepEmbedding(int dim, float[] t) {
        return timestepEmbedding(new Waves(t.length, dim, 0, false), t);
    }

    /** sin(t / f) and cos(t / f), f = 10000^(k / (dim/2 - shift)). */
    public static double[] timestepEmbedding(Waves g, float[] t) {
        int half = g.dim() / 2;
        double[] y = new double[t.length * g.dim()];
        for (int i = 0; i < t.length; i++) {
            for (int k = 0; k < half; k++) {
                double angle = t[i] / Math.pow(10000, k / ((double) half - g.shift()));
                y[i * g.dim() + (g.cosinesFirst() ? half : 0) + k] = Math.sin(angle);
                y[i * g.dim() + (g.cosinesFirst() ? 0 : half) + k] = Math.cos(angle);
            }
        }
        return y;
    }

    // ---- layout ----

    public static double[] concatChannels(int ca, double[] a, int cb, double[] b) {
        int pixels = a.length / ca;
        double[] y = new double[a.length + b.length];
        for (int p = 0; p < pixels; p++) {
            System.arraycopy(a, p * ca, y, p * (ca + cb), ca);
            System.arraycopy(b, p * cb, y, p * (ca + cb) + ca, cb);
        }
        return y;
    }

    public static double[] sliceChannels(int c, int from, int to, double[] x) {
        int pixels = x.length / c;
        double[] y = new double[pixels * (to - from)];
        for (int p = 0; p < pixels; p++) {
            System.arraycopy(x, p * c + from, y, p * (to - from), to - from);
        }
        return y;
    }

    /** Every pixel four times. */
    public static double[] upsample(Nhwc g, double[] x) {
        double[] y = new double[4 * x.length];
        for (int i = 0; i < y.length; i++) {
            long c = i % g.c();
            long column = i / g.c() % (2 * g.w()) / 2;
            long row = i / g.c() / (2 * g.w()) / 2; // of all images
            y[i] = x[(int) ((row * g.w() + column) * g.c() + c)];
        }
        return y;
    }

    /** a, b, c one after the other. */
    public static double[] stack(double[] a, double[] b, double[] c) {
        return Stream.of(a, b, c).flatMapToDouble(DoubleStream::of).toArray();
    }

    /** Rows of a table [classes,dim]; zeros for a label of -1. */
    public static double[] embedding(int[] label, int dim, double[] table) {
        double[] y = new double[label.length * dim];
        for (int i = 0; i < label.length; i++) {
            if (label[i] >= 0) {
                System.arraycopy(table, label[i] * dim, y, i * dim, dim);
            }
        }
        return y;
    }

    /** uncond + scale (cond - uncond) of the guided channels, times {@link #guidanceFactor} where asked; cond of the others. */
    public static double[] guidance(Guide g, float[] f) {
        double[] y = new double[f.length / 2];
        int length = (int) (g.output().pixels() * g.output().c());
        double factor = 1;
        for (int i = 0; i < y.length; i++) {
            if (g.rescale() != 0 && i % length == 0) {
                factor = guidanceFactor(g, f, i);
            }
            y[i] = i % g.output().c() < g.channels() ? factor * guided(g, f, i) : f[i];
        }
        return y;
    }

    private static double guided(Guide g, float[] f, int i) {
        double uncond = f[f.length / 2 + i];
        return uncond + (double) g.scale() * (f[i] - uncond);
    }

    /** rescale std(cond) / std(guided) + 1 - rescale of the image that value i is of. */
    public static double guidanceFactor(Guide g, float[] f, int i) {
        int length = (int) (g.output().pixels() * g.output().c());
        int[] of = IntStream.range(i / length * length, i / length * length + length)
                .filter(k -> k % g.output().c() < g.channels())
                .toArray();
        double cond = variance(of, k -> f[k]);
        double guided = variance(of, k -> guided(g, f, k));
        return g.rescale() * (guided == 0 ? 1 : Math.sqrt(cond / guided)) + 1 - g.rescale();
    }

    private static double variance(int[] of, IntToDoubleFunction value) {
        double mean = Arrays.stream(of).mapToDouble(value).average().orElseThrow();
        return Arrays.stream(of)
                .mapToDouble(value)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow();
    }

    /** Zeros around each image; with negative widths the inside of each image. */
    public static double[] pad(Nhwc g, Padding padding, double[] x) {
        Nhwc out = padding.padded(g);
        double[] y = new double[(int) out.count()];
        for (int i = 0; i < y.length; i++) {
            long c = i % out.c();
            long col = i / out.c() % out.w() - padding.left();
            long row = i / out.c() / out.w() % out.h() - padding.top();
            long n = i / out.c() / out.w() / out.h();
            boolean inside = row >= 0 && row < g.h() && col >= 0 && col < g.w();
            y[i] = inside ? x[(int) (((n * g.h() + row) * g.w() + col) * g.c() + c)] : 0;
        }
        return y;
    }

    // ---- losses ----

    /** mean((a - b)^2). */
    public static double[] mse(double[] a, double[] b) {
        double[] squares = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            squares[i] = (a[i] - b[i]) * (a[i] - b[i]);
        }
        return scale(1.0 / a.length, sum(squares));
    }

    /** mean over images of weight * mean((a - b)^2). */
    public static double[] weightedMse(int images, double[] a, double[] b, float[] weight) {
        int length = a.length / images;
        double[] squares = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            squares[i] = weight[i / length] * (a[i] - b[i]) * (a[i] - b[i]);
        }
        return scale(1.0 / a.length, sum(squares));
    }

    /** Compensated (Neumaier 1974): a difference of two sums of a million terms still shows one of them. */
    public static double[] sum(double[] x) {
        double sum = 0;
        double lost = 0;
        for (double v : x) {
            double next = sum + v;
            lost += Math.abs(sum) >= Math.abs(v) ? sum - next + v : v - next + sum;
            sum = next;
        }
        return new double[] {sum + lost};
    }
}
