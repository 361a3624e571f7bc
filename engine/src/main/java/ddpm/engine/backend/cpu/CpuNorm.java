package ddpm.engine.backend.cpu;

import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_swish;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.GroupNorm;
import ddpm.engine.backend.NormOps;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Group normalisation, one image at a time on one core so that the image stays in its cache through all passes; SiLU and
 * its derivative by oneDNN on the same image (exp in Java is ten times slower). oneDNN's own backward is a reference loop.
 */
final class CpuNorm implements NormOps {
    private final Workers workers;

    CpuNorm(Workers workers) {
        this.workers = workers;
    }

    @Override
    public void groupNorm(GroupNorm g, Buffer x, Buffer gamma, Buffer beta, Buffer y, Buffer mean, Buffer var) {
        forward(g, false, x, gamma, beta, y, mean, var);
    }

    @Override
    public void groupNormSilu(GroupNorm g, Buffer x, Buffer gamma, Buffer beta, Buffer y, Buffer mean, Buffer var) {
        forward(g, true, x, gamma, beta, y, mean, var);
    }

    private void forward(
            GroupNorm g, boolean silu, Buffer x, Buffer gamma, Buffer beta, Buffer y, Buffer mean, Buffer var) {
        Image image = new Image(g);
        float[] scale = read(gamma, image.c);
        float[] shift = read(beta, image.c);
        workers.forEach(g.x().n(), (w, n) -> {
            int at = (int) n * image.length;
            float[] v = w.floats(0, image.length);
            floats(x).get(at, v, 0, image.length);
            double[] m = image.means(v, w.floats(1, image.period));
            double[] s = image.variances(v, m, w.floats(1, image.period), w.floats(2, image.period));
            for (int group = 0; group < g.groups(); group++) {
                floats(mean).put((int) (n * g.groups() + group), (float) m[group]);
                floats(var).put((int) (n * g.groups() + group), (float) s[group]);
            }
            float[] a = w.floats(1, image.period);
            float[] b = w.floats(2, image.period);
            image.affine(scale, shift, m, s, a, b);
            image.multiplyAdd(v, a, b);
            floats(y).put(at, v, 0, image.length);
            if (silu) {
                long address = ((CpuBuffer) y).address() + (long) at * Float.BYTES;
                Eltwise.forward(w.context(), dnnl_eltwise_swish, 1, image.length)
                        .run(address, address);
            }
        });
    }

    @Override
    public void groupNormBackward(
            GroupNorm g,
            Buffer x,
            Buffer gamma,
            Buffer mean,
            Buffer var,
            Buffer dy,
            Buffer dx,
            Buffer dgamma,
            Buffer dbeta) {
        backward(g, null, x, gamma, mean, var, dy, dx, dgamma, dbeta);
    }

    @Override
    public void groupNormSiluBackward(
            GroupNorm g,
            Buffer x,
            Buffer gamma,
            Buffer beta,
            Buffer mean,
            Buffer var,
            Buffer dy,
            Buffer dx,
            Buffer dgamma,
            Buffer dbeta) {
        backward(g, read(beta, (int) g.x().c()), x, gamma, mean, var, dy, dx, dgamma, dbeta);
    }

    /** @param shift beta where SiLU follows, null otherwise */
    private void backward(
            GroupNorm g,
            float[] shift,
            Buffer x,
            Buffer gamma,
            Buffer mean,
            Buffer var,
            Buffer dy,
            Buffer dx,
            Buffer dgamma,
            Buffer dbeta) {
        Image image = new Image(g);
        float[] scale = read(gamma, image.c);
        int images = (int) g.x().n();
        float[] dgammaOfImage = new float[images * image.c];
        float[] dbetaOfImage = new float[images * image.c];
        workers.forEach(images, (w, n) -> {
            int at = (int) n * image.length;
            double[] m = image.groupValues(floats(mean), n);
            double[] s = image.groupValues(floats(var), n);
            float[] v = w.floats(0, image.length);
            float[] d = w.floats(3, image.length);
            float[] a = w.floats(1, image.period);
            float[] b = w.floats(2, image.period);
            floats(x).get(at, v, 0, image.length);
            if (shift == null) {
                floats(dy).get(at, d, 0, image.length);
            } else {
                image.affine(scale, shift, m, s, a, b);
                siluBackward(w, image, v, a, b, (CpuBuffer) dy, at, d);
            }
            image.normalise(v, m, s, a, b);
            float[] sumD = w.floats(4, image.period);
            float[] sumDX = w.floats(5, image.period);
            image.sums(d, v, sumD, sumDX);
            System.arraycopy(sumD, 0, dbetaOfImage, (int) n * image.c, image.c);
            System.arraycopy(sumDX, 0, dgammaOfImage, (int) n * image.c, image.c);
            image.inputGradient(d, v, scale, s, sumD, sumDX, w);
            floats(dx).put(at, d, 0, image.length);
        });
        sumImages(dgammaOfImage, images, image.c, dgamma);
        sumImages(dbetaOfImage, images, image.c, dbeta);
    }

    /** d = dy * silu'(a * v + b), through oneDNN. */
    private static void siluBackward(
            Worker w, Image image, float[] v, float[] a, float[] b, CpuBuffer dy, int at, float[] d) {
        System.arraycopy(v, 0, d, 0, image.length);
        image.multiplyAdd(d, a, b);
        CpuBuffer scratch = w.natives(0, image.length);
        scratch.floats().put(0, d, 0, image.length);
        Eltwise.backward(w.context(), dnnl_eltwise_swish, 1, image.length)
                .run(scratch.address(), dy.address() + (long) at * Float.BYTES, scratch.address());
        scratch.floats().get(0, d, 0, image.length);
    }

    private static void sumImages(float[] perImage, int images, int c, Buffer out) {
        double[] sums = new double[c];
        for (int n = 0; n < images; n++) {
            for (int i = 0; i < c; i++) {
                sums[i] += perImage[n * c + i];
            }
        }
        float[] rounded = new float[c];
        for (int i = 0; i < c; i++) {
            rounded[i] = (float) sums[i];
        }
        ((CpuBuffer) out).floats().put(0, rounded);
    }

    private static float[] read(Buffer b, int count) {
        float[] host = new float[count];
        floats(b).get(0, host, 0, count);
        return host;
    }

    private static FloatBuffer floats(Buffer b) {
        return ((CpuBuffer) b).floats();
    }

    /** The loops over one image, [H*W,C] in an array; coefficient rows are repeated to {@code period}, see Rows. */
    private static final class Image {
        final int c;
        final int length;
        final int period;
        private final int groups;
        private final int groupChannels;
        private final double groupSize;
        private final float eps;

        Image(GroupNorm g) {
            c = (int) g.x().c();
            length = Math.toIntExact(g.x().pixels() * c);
            period = Rows.period(c);
            groups = (int) g.groups();
            groupChannels = (int) g.groupChannels();
            groupSize = (double) g.x().pixels() * groupChannels;
            eps = g.eps();
        }

        double[] means(float[] v, float[] sums) {
            Arrays.fill(sums, 0, period, 0f);
            Rows.accumulate(v, length, sums, period);
            return perGroup(sums);
        }

        /** Biased variances by a second, centred pass: E[x^2] - mean^2 would cancel. */
        double[] variances(float[] v, double[] means, float[] sums, float[] m) {
            Arrays.fill(sums, 0, period, 0f);
            for (int i = 0; i < c; i++) {
                m[i] = (float) means[i / groupChannels];
            }
            Rows.repeat(m, c, period);
            int at = 0;
            for (; at + period <= length; at += period) {
                for (int i = 0; i < period; i++) {
                    float d = v[at + i] - m[i];
                    sums[i] += d * d;
                }
            }
            for (int i = 0; at + i < length; i++) {
                float d = v[at + i] - m[i];
                sums[i] += d * d;
            }
            return perGroup(sums);
        }

        private double[] perGroup(float[] sums) {
            double[] out = new double[groups];
            for (int i = 0; i < period; i++) {
                out[i % c / groupChannels] += sums[i];
            }
            for (int g = 0; g < groups; g++) {
                out[g] /= groupSize;
            }
            return out;
        }

        double[] groupValues(FloatBuffer values, long n) {
            double[] out = new double[groups];
            for (int g = 0; g < groups; g++) {
                out[g] = values.get((int) n * groups + g);
            }
            return out;
        }

        private double inverseStd(double variance) {
            return 1 / Math.sqrt(variance + eps);
        }

        /** a * x + b = gamma * (x - mean) / std + beta. */
        void affine(float[] gamma, float[] beta, double[] means, double[] vars, float[] a, float[] b) {
            for (int i = 0; i < c; i++) {
                double scale = gamma[i] * inverseStd(vars[i / groupChannels]);
                a[i] = (float) scale;
                b[i] = (float) (beta[i] - means[i / groupChannels] * scale);
            }
            Rows.repeat(a, c, period);
            Rows.repeat(b, c, period);
        }

        void multiplyAdd(float[] v, float[] a, float[] b) {
            int at = 0;
            for (; at + period <= length; at += period) {
                for (int i = 0; i < period; i++) {
                    v[at + i] = v[at + i] * a[i] + b[i];
                }
            }
            for (int i = 0; at + i < length; i++) {
                v[at + i] = v[at + i] * a[i] + b[i];
            }
        }

        /** v = (v - mean) / std. */
        void normalise(float[] v, double[] means, double[] vars, float[] a, float[] b) {
            for (int i = 0; i < c; i++) {
                double scale = inverseStd(vars[i / groupChannels]);
                a[i] = (float) scale;
                b[i] = (float) (-means[i / groupChannels] * scale);
            }
            Rows.repeat(a, c, period);
            Rows.repeat(b, c, period);
            multiplyAdd(v, a, b);
        }

        /** Per channel: sumD = sum of d, sumDX = sum of d * v. */
        void sums(float[] d, float[] v, float[] sumD, float[] sumDX) {
            Arrays.fill(sumD, 0, period, 0f);
            Arrays.fill(sumDX, 0, period, 0f);
            int at = 0;
            for (; at + period <= length; at += period) {
                for (int i = 0; i < period; i++) {
                    sumD[i] += d[at + i];
                    sumDX[i] += d[at + i] * v[at + i];
                }
            }
            for (int i = 0; at + i < length; i++) {
                sumD[i] += d[at + i];
                sumDX[i] += d[at + i] * v[at + i];
            }
            Rows.fold(sumD, c, period);
            Rows.fold(sumDX, c, period);
        }

        /** d = (gamma * d - mean_g(gamma * d) - xhat * mean_g(gamma * d * xhat)) / std with xhat = v. */
        void inputGradient(float[] d, float[] v, float[] gamma, double[] vars, float[] sumD, float[] sumDX, Worker w) {
            float[] fromD = w.floats(1, period);
            float[] fromX = w.floats(2, period);
            float[] constant = w.floats(6, period);
            for (int g = 0; g < groups; g++) {
                double meanD = 0;
                double meanDX = 0;
                for (int i = g * groupChannels; i < (g + 1) * groupChannels; i++) {
                    meanD += gamma[i] * (double) sumD[i];
                    meanDX += gamma[i] * (double) sumDX[i];
                }
                double r = inverseStd(vars[g]);
                for (int i = g * groupChannels; i < (g + 1) * groupChannels; i++) {
                    fromD[i] = (float) (r * gamma[i]);
                    fromX[i] = (float) (-r * meanDX / groupSize);
                    constant[i] = (float) (-r * meanD / groupSize);
                }
            }
            Rows.repeat(fromD, c, period);
            Rows.repeat(fromX, c, period);
            Rows.repeat(constant, c, period);
            int at = 0;
            for (; at + period <= length; at += period) {
                for (int i = 0; i < period; i++) {
                    d[at + i] = d[at + i] * fromD[i] + v[at + i] * fromX[i] + constant[i];
                }
            }
            for (int i = 0; at + i < length; i++) {
                d[at + i] = d[at + i] * fromD[i] + v[at + i] * fromX[i] + constant[i];
            }
        }
    }
}
