package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.address;
import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_swish;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.NormOps;
import ddpm.engine.backend.NormOps.Activation;
import ddpm.engine.backend.NormOps.GroupNorm;
import ddpm.engine.backend.NormOps.LayerNorm;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.onednn.Eltwise;
import ddpm.engine.backend.cpu.onednn.Softmax;
import ddpm.engine.backend.cpu.onednn.StridedCopy;
import ddpm.engine.backend.cpu.team.Split;
import ddpm.engine.backend.cpu.team.Worker;
import ddpm.engine.backend.cpu.team.Workers;
import java.nio.FloatBuffer;

/**
 * Group normalisation, one image at a time on one core so that the image stays in its cache through all passes; SiLU and
 * its derivative by oneDNN on the same image (exp in Java is ten times slower). oneDNN's own backward is a reference loop. The
 * softmax is oneDNN's, rows shared out.
 */
final class CpuNorm implements NormOps {
    /** Elements below which rows are not shared out. */
    private static final long SMALLEST_SHARE = 1 << 13;

    private final Workers workers;

    CpuNorm(Workers workers) {
        this.workers = workers;
    }

    @Override
    public void groupNorm(GroupNorm g, Buffer x, Buffer gamma, Buffer beta, Buffer y, Buffer mean, Buffer var) {
        GroupNormLoops loops = new GroupNormLoops(g, read(gamma, g), read(beta, g));
        workers.forEach(g.x().n(), (w, n) -> {
            int at = (int) n * loops.length();
            double[] means = loops.means(w, floats(x), at);
            double[] variances = loops.variances(w, floats(x), at, means);
            for (int group = 0; group < g.groups(); group++) {
                floats(mean).put((int) (n * g.groups() + group), (float) means[group]);
                floats(var).put((int) (n * g.groups() + group), (float) variances[group]);
            }
            boolean rounded = g.operand() == Precision.BF16;
            boolean silu = g.activation() == Activation.SILU;
            // y is written once: what comes before the last pass stays in the core's cache
            boolean scratch = rounded || silu;
            CpuBuffer to = scratch ? w.natives(0, loops.length()) : (CpuBuffer) y;
            loops.normalise(w, floats(x), at, means, variances, to.floats(), scratch ? 0 : at);
            if (silu) {
                Eltwise.forward(w.context(), dnnl_eltwise_swish, 1, loops.length())
                        .run(to.address(), rounded ? to.address() : address(y) + (long) at * Float.BYTES);
            }
            if (rounded) {
                StridedCopy.round(w.context(), loops.length(), to.address(), address(y) + (long) at * Short.BYTES);
            }
        });
    }

    @Override
    public void groupNormBackward(
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
        boolean silu = g.activation() == Activation.SILU;
        float[] shift = silu ? read(beta, g) : new float[(int) g.x().c()];
        GroupNormLoops loops = new GroupNormLoops(g, read(gamma, g), shift);
        int images = (int) g.x().n();
        int c = (int) g.x().c();
        float[] dgammas = new float[images * c];
        float[] dbetas = new float[images * c];
        workers.forEach(images, (w, n) -> {
            int at = (int) n * loops.length();
            double[] means = read(mean, n, g.groups());
            double[] variances = read(var, n, g.groups());
            FloatBuffer d = floats(dy);
            int dAt = at;
            if (silu) {
                // the gradient before SiLU, in scratch memory of the core: dy * silu'(normalised x)
                CpuBuffer scratch = w.natives(0, loops.length());
                loops.normalise(w, floats(x), at, means, variances, scratch.floats(), 0);
                Eltwise.backward(w.context(), dnnl_eltwise_swish, 1, loops.length())
                        .run(scratch.address(), address(dy) + (long) at * Float.BYTES, scratch.address());
                d = scratch.floats();
                dAt = 0;
            }
            float[] sumD = w.floats(0, loops.period());
            float[] sumDX = w.floats(1, loops.period());
            loops.channelSums(w, d, dAt, floats(x), at, means, variances, sumD, sumDX);
            System.arraycopy(sumD, 0, dbetas, (int) n * c, c);
            System.arraycopy(sumDX, 0, dgammas, (int) n * c, c);
            loops.inputGradient(w, d, dAt, floats(x), at, means, variances, sumD, sumDX, floats(dx));
        });
        sumImages(dgammas, images, c, dgamma);
        sumImages(dbetas, images, c, dbeta);
    }

    @Override
    public void layerNorm(LayerNorm g, Buffer x, Buffer gamma, Buffer beta, Buffer y, Buffer mean, Buffer var) {
        new LayerNormLoops(workers, g).forward(x, gamma, beta, y, mean, var);
    }

    @Override
    public void layerNormBackward(
            LayerNorm g,
            Buffer x,
            Buffer gamma,
            Buffer mean,
            Buffer var,
            Buffer dy,
            Buffer dx,
            Buffer dgamma,
            Buffer dbeta) {
        new LayerNormLoops(workers, g).backward(x, gamma, mean, var, dy, dx, dgamma, dbeta);
    }

    @Override
    public void softmax(long rows, long length, Buffer x, Buffer y) {
        overRows(rows, length, (w, count, at) -> Softmax.forward(w.context(), count, length)
                .run(address(x) + at, address(y) + at));
    }

    @Override
    public void softmaxBackward(long rows, long length, Buffer y, Buffer dy, Buffer dx) {
        overRows(rows, length, (w, count, at) -> Softmax.backward(w.context(), count, length)
                .run(address(y) + at, address(dy) + at, address(dx) + at));
    }

    private interface Share {
        /** @param rows of this share @param at bytes from the beginning */
        void run(Worker worker, long rows, long at);
    }

    private void overRows(long rows, long length, Share share) {
        Split split = Split.of(rows, workers.threads(), Math.max(1, SMALLEST_SHARE / length));
        workers.forEach(split.count(), (w, i) -> share.run(w, split.length(i), split.from(i) * length * Float.BYTES));
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
        floats(out).put(0, rounded);
    }

    private static float[] read(Buffer perChannel, GroupNorm g) {
        float[] host = new float[(int) g.x().c()];
        floats(perChannel).get(0, host, 0, host.length);
        return host;
    }

    private static double[] read(Buffer perGroup, long image, long groups) {
        double[] out = new double[(int) groups];
        for (int group = 0; group < groups; group++) {
            out[group] = floats(perGroup).get((int) (image * groups + group));
        }
        return out;
    }
}
