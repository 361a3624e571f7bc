package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.NormOps.LayerNorm;
import ddpm.engine.backend.cpu.team.Worker;
import ddpm.engine.backend.cpu.team.Workers;
import java.nio.FloatBuffer;

/**
 * Layer normalisation, one row at a time in arrays of a row; sums in double. A core takes blocks of rows whose number follows from C
 * alone, and the sums over rows are those of the blocks in order: the same bits with any number of threads.
 */
final class LayerNormLoops {
    /** Elements of a block: its row sums cost little beside it, and there are enough blocks to share out. */
    private static final int BLOCK = 1 << 14;

    private final Workers workers;
    private final int rows;
    private final int c;
    private final float eps;
    private final int rowsPerBlock;
    private final int blocks;

    LayerNormLoops(Workers workers, LayerNorm g) {
        this.workers = workers;
        this.rows = Math.toIntExact(g.rows());
        this.c = Math.toIntExact(g.c());
        this.eps = g.eps();
        this.rowsPerBlock = Math.max(1, BLOCK / c);
        this.blocks = (rows + rowsPerBlock - 1) / rowsPerBlock;
        Math.multiplyExact(rows, c);
    }

    private interface Rows {
        void run(Worker worker, int block, int row);
    }

    private void forEach(Rows body) {
        workers.forEach(blocks, (w, block) -> {
            int first = (int) block * rowsPerBlock;
            for (int row = first; row < Math.min(rows, first + rowsPerBlock); row++) {
                body.run(w, (int) block, row);
            }
        });
    }

    void forward(Buffer x, Buffer gamma, Buffer beta, Buffer y, Buffer mean, Buffer var) {
        float[] scale = gamma == null ? null : read(gamma);
        float[] shift = beta == null ? null : read(beta);
        FloatBuffer in = floats(x);
        FloatBuffer out = floats(y);
        FloatBuffer means = floats(mean);
        FloatBuffer variances = floats(var);
        forEach((w, block, row) -> {
            float[] values = w.floats(0, c);
            in.get(row * c, values, 0, c);
            float m = (float) (sum(values) / c);
            for (int i = 0; i < c; i++) {
                values[i] -= m;
            }
            double v = sumOfProducts(values, values) / c;
            float r = (float) (1 / Math.sqrt(v + eps));
            if (scale == null) {
                for (int i = 0; i < c; i++) {
                    values[i] *= r;
                }
            } else {
                for (int i = 0; i < c; i++) {
                    values[i] = values[i] * r * scale[i] + shift[i];
                }
            }
            means.put(row, m);
            variances.put(row, (float) v);
            out.put(row * c, values, 0, c);
        });
    }

    /** dx = (g - mean(g) - n mean(g n)) / std with n = (x - mean) / std and g = gamma dy; dgamma and dbeta where gamma is there. */
    void backward(Buffer x, Buffer gamma, Buffer mean, Buffer var, Buffer dy, Buffer dx, Buffer dgamma, Buffer dbeta) {
        float[] scale = gamma == null ? null : read(gamma);
        float[][] gammas = new float[scale == null ? 0 : blocks][c];
        float[][] betas = new float[scale == null ? 0 : blocks][c];
        FloatBuffer in = floats(x);
        FloatBuffer upper = floats(dy);
        FloatBuffer out = floats(dx);
        FloatBuffer means = floats(mean);
        FloatBuffer variances = floats(var);
        forEach((w, block, row) -> {
            float[] n = w.floats(0, c);
            float[] g = w.floats(1, c);
            in.get(row * c, n, 0, c);
            upper.get(row * c, g, 0, c);
            float m = means.get(row);
            float r = (float) (1 / Math.sqrt((double) variances.get(row) + eps));
            for (int i = 0; i < c; i++) {
                n[i] = (n[i] - m) * r;
            }
            if (scale != null) {
                addTo(gammas[block], betas[block], n, g);
                for (int i = 0; i < c; i++) {
                    g[i] *= scale[i];
                }
            }
            float meanG = (float) (sum(g) / c);
            float meanGn = (float) (sumOfProducts(g, n) / c);
            for (int i = 0; i < c; i++) {
                g[i] = (g[i] - meanG - n[i] * meanGn) * r;
            }
            out.put(row * c, g, 0, c);
        });
        if (scale != null) {
            write(gammas, dgamma);
            write(betas, dbeta);
        }
    }

    private void addTo(float[] dgamma, float[] dbeta, float[] n, float[] d) {
        for (int i = 0; i < c; i++) {
            dgamma[i] += d[i] * n[i];
        }
        for (int i = 0; i < c; i++) {
            dbeta[i] += d[i];
        }
    }

    /** In four strands: the processor adds one while it waits for the others. */
    private double sum(float[] x) {
        double a = 0;
        double b = 0;
        double d = 0;
        double e = 0;
        int i = 0;
        for (; i + 3 < c; i += 4) {
            a += x[i];
            b += x[i + 1];
            d += x[i + 2];
            e += x[i + 3];
        }
        for (; i < c; i++) {
            a += x[i];
        }
        return (a + b) + (d + e);
    }

    private double sumOfProducts(float[] x, float[] y) {
        double a = 0;
        double b = 0;
        double d = 0;
        double e = 0;
        int i = 0;
        for (; i + 3 < c; i += 4) {
            a += (double) x[i] * y[i];
            b += (double) x[i + 1] * y[i + 1];
            d += (double) x[i + 2] * y[i + 2];
            e += (double) x[i + 3] * y[i + 3];
        }
        for (; i < c; i++) {
            a += (double) x[i] * y[i];
        }
        return (a + b) + (d + e);
    }

    private void write(float[][] perBlock, Buffer to) {
        double[] sums = new double[c];
        for (float[] of : perBlock) {
            for (int i = 0; i < c; i++) {
                sums[i] += of[i];
            }
        }
        float[] rounded = new float[c];
        for (int i = 0; i < c; i++) {
            rounded[i] = (float) sums[i];
        }
        floats(to).put(0, rounded);
    }

    private float[] read(Buffer perChannel) {
        float[] host = new float[c];
        floats(perChannel).get(0, host);
        return host;
    }
}
