package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.NormOps.LayerNorm;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.kernel.Launch;
import ddpm.engine.testing.TransformerReference;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** layer_norm.cu on memory that ends where it does: packs of every width, rows that do not fill a block or a part of the sums. */
@Tag("cuda")
@Tag("kernels")
class LayerNormKernelsTest {
    private static final double U = 0x1p-24;
    private static final float EPS = 1e-3f;

    /** Packs of every width; fewer and more of them than a warp has lanes. */
    private static final int[] CHANNELS = {1, 2, 3, 4, 12, 33, 64, 132, 262};

    private static final int[] ROWS = {1, 8, 19};

    private static ExactMemory memory;
    private final Random random = new Random(7);

    @BeforeAll
    static void open() {
        memory = new ExactMemory();
    }

    @AfterAll
    static void close() {
        if (memory != null) {
            memory.close();
        }
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private static float[] shifted(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 + 0.3f * values[i];
        }
        return values;
    }

    /** In memory of its own, over the input, and from addresses that only single elements fit; with a gain and without. */
    @Test
    void forward() {
        for (int c : CHANNELS) {
            for (int rows : ROWS) {
                for (int variant = 0; variant < 4; variant++) {
                    forward(rows, c, variant % 2 == 1, variant / 2);
                }
            }
        }
    }

    private void forward(int rows, int c, boolean affine, int offset) {
        float[] x = normals(rows * c, random);
        float[] gamma = affine ? shifted(normals(c, random)) : null;
        float[] beta = affine ? normals(c, random) : null;
        Cells in = memory.upload(Storage.F32, offset, x);
        Cells y = offset == 1 ? in : memory.result(Storage.F32, 0, x.length);
        Cells mean = memory.result(Storage.F32, 0, rows);
        Cells var = memory.result(Storage.F32, 0, rows);
        Launch launch = in.arg(blocks("layer_norm", rows));
        optional(optional(launch, gamma), beta);
        var.arg(mean.arg(y.arg(launch))).arg(rows).arg(c).arg(EPS).run();
        double[] want = TransformerReference.layerNorm(
                new LayerNorm(rows, c, EPS), doubles(x), affine ? doubles(gamma) : null, affine ? doubles(beta) : null);
        double[] tolerance = new double[want.length];
        double[] means = new double[rows];
        double[] variances = new double[rows];
        double[] meanTolerance = new double[rows];
        double[] varTolerance = new double[rows];
        for (int r = 0; r < rows; r++) {
            double most = 0;
            for (int i = 0; i < c; i++) {
                means[r] += (double) x[r * c + i] / c;
                most = Math.max(most, Math.abs(x[r * c + i]));
            }
            for (int i = 0; i < c; i++) {
                double d = x[r * c + i] - means[r];
                variances[r] += d * d / c;
            }
            // a lane adds c/32 + 1 values, then five are added across the lanes
            double sums = U * (c / 32.0 + 8);
            meanTolerance[r] = sums * most;
            varTolerance[r] = 2 * sums * most * most * 4;
            double std = Math.sqrt(variances[r] + EPS);
            for (int i = 0; i < c; i++) {
                double gain = affine ? Math.abs(gamma[i]) : 1;
                double shift = affine ? Math.abs(beta[i]) : 0;
                tolerance[r * c + i] = 8 * (sums + U) * (gain * (1 + 2 * most / std) * (1 + most / std) + shift);
            }
        }
        String what = "layer_norm " + rows + "x" + c + (affine ? " affine" : "") + " offset " + offset;
        ExactMemory.near(what, want, memory.read(y), tolerance);
        ExactMemory.near(what + ", mean", means, memory.read(mean), meanTolerance);
        ExactMemory.near(what + ", var", variances, memory.read(var), varTolerance);
        memory.forget();
    }

    private static Launch blocks(String kernel, int rows) {
        return memory.kernel(kernel, Storage.F32).blocks((rows + 7) / 8).threads(256);
    }

    /** The next argument, or a null pointer. */
    private static Launch optional(Launch launch, float[] values) {
        return values == null
                ? launch.arg((Buffer) null)
                : memory.floats(values).arg(launch);
    }

    /** Over dy, and from addresses that only single elements fit; with a gain and without. */
    @Test
    void backward() {
        for (int c : CHANNELS) {
            for (int rows : ROWS) {
                for (int variant = 0; variant < 4; variant++) {
                    backward(new Rows(rows, c, random), variant % 2 == 1, variant / 2);
                }
            }
        }
    }

    /** What the backward reads, its mean and variance rounded as the forward leaves them. */
    private static final class Rows {
        private final int rows;
        private final int c;
        private final float[] x;
        private final float[] dy;
        private final float[] gamma;
        private final float[] mean;
        private final float[] var;

        Rows(int rows, int c, Random random) {
            this.rows = rows;
            this.c = c;
            this.x = normals(rows * c, random);
            this.dy = normals(rows * c, random);
            this.gamma = shifted(normals(c, random));
            this.mean = normals(rows, random);
            this.var = new float[rows];
            for (int r = 0; r < rows; r++) {
                mean[r] *= 0.1f;
                var[r] = 0.5f + 0.1f * r % 1;
            }
        }

        double inverseStd(int r) {
            return 1 / Math.sqrt((double) var[r] + EPS);
        }

        double normal(int at) {
            return (x[at] - (double) mean[at / c]) * inverseStd(at / c);
        }
    }

    private void backward(Rows in, boolean affine, int offset) {
        int c = in.c;
        double[] want = new double[in.x.length];
        double[] tolerance = new double[in.x.length];
        for (int r = 0; r < in.rows; r++) {
            double sum = 0;
            double product = 0;
            double size = 0;
            for (int i = 0; i < c; i++) {
                int at = r * c + i;
                double d = in.dy[at] * (affine ? in.gamma[i] : 1.0);
                sum += d / c;
                product += d * in.normal(at) / c;
                size = Math.max(size, Math.abs(d) * (1 + Math.abs(in.normal(at))));
            }
            for (int i = 0; i < c; i++) {
                int at = r * c + i;
                double d = in.dy[at] * (affine ? in.gamma[i] : 1.0);
                want[at] = (d - sum - in.normal(at) * product) * in.inverseStd(r);
                tolerance[at] = U * (c / 32.0 + 16) * size * (2 + Math.abs(in.normal(at))) * in.inverseStd(r);
            }
        }
        Cells upper = memory.upload(Storage.F32, offset, in.dy);
        Cells lower = offset == 1 ? upper : memory.result(Storage.F32, 0, in.x.length);
        Launch launch = memory.floats(in.x).arg(blocks("layer_norm_backward", in.rows));
        optional(launch, affine ? in.gamma : null);
        memory.floats(in.var).arg(memory.floats(in.mean).arg(launch));
        lower.arg(upper.arg(launch)).arg(in.rows).arg(c).arg(EPS).run();
        String what = "layer_norm_backward " + in.rows + "x" + c + (affine ? " affine" : "") + " offset " + offset;
        ExactMemory.near(what, want, memory.read(lower), tolerance);
        memory.forget();
    }

    /** Parts that end within the rows, and columns that do not fill a warp. */
    @Test
    void sums() {
        for (int c : new int[] {1, 31, 32, 70}) {
            for (int rows : ROWS) {
                for (int perPart : new int[] {4, 9, 64}) {
                    sums(new Rows(rows, c, random), perPart);
                }
            }
        }
    }

    private void sums(Rows in, int perPart) {
        int c = in.c;
        int parts = (in.rows + perPart - 1) / perPart;
        double[] want = new double[parts * 2 * c];
        double[] tolerance = new double[want.length];
        for (int at = 0; at < in.x.length; at++) {
            int to = at / c / perPart * 2 * c + at % c;
            want[to] += in.dy[at];
            want[to + c] += in.dy[at] * in.normal(at);
            tolerance[to] += 16 * U * Math.abs(in.dy[at]);
            tolerance[to + c] += 16 * U * Math.abs(in.dy[at]) * (1 + Math.abs(in.normal(at)));
        }
        Cells channels = memory.result(Storage.F32, 0, want.length);
        Launch launch = memory.kernel("layer_norm_sums", Storage.F32)
                .blocks(parts, (c + 31) / 32)
                .threads(256);
        memory.floats(in.var).arg(memory.floats(in.mean).arg(memory.floats(in.x).arg(launch)));
        channels.arg(memory.floats(in.dy).arg(launch))
                .arg(in.rows)
                .arg(c)
                .arg(EPS)
                .arg(perPart)
                .run();
        ExactMemory.near(
                "layer_norm_sums " + in.rows + "x" + c + " by " + perPart, want, memory.read(channels), tolerance);
        memory.forget();
    }
}
