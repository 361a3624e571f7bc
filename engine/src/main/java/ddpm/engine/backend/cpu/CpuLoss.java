package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;
import static ddpm.engine.backend.cpu.memory.CpuBuffer.ints;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.HybridLoss;
import ddpm.engine.backend.LossOps;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.backend.cpu.team.Blocks;
import ddpm.engine.backend.cpu.team.Workers;

/** Reductions in double, block by block; the blocks do not depend on the number of threads. */
final class CpuLoss implements LossOps {
    private final Workers workers;
    private final Blocks blocks;
    private final CpuHybridLoss hybrid;

    CpuLoss(Workers workers) {
        this.workers = workers;
        this.blocks = new Blocks(workers);
        this.hybrid = new CpuHybridLoss(blocks);
    }

    @Override
    public void mse(long images, long length, Buffer pred, Buffer target, Buffer weight, Buffer perImage, Buffer loss) {
        double[][] sums = blocks.sums(images, length, (w, at, count) -> {
            float[] a = Blocks.read(w, 0, pred, at, count);
            float[] b = Blocks.read(w, 1, target, at, count);
            double s = 0;
            for (int i = 0; i < count; i++) {
                double d = (double) a[i] - b[i];
                s += d * d;
            }
            return s;
        });
        double total = 0;
        for (int i = 0; i < images; i++) {
            double sum = 0;
            for (double s : sums[i]) {
                sum += s;
            }
            total += weight(weight, i) * sum;
            if (perImage != null) {
                floats(perImage).put(i, (float) (sum / length));
            }
        }
        floats(loss).put(0, (float) (total / (images * length)));
    }

    @Override
    public void mseBackward(
            long images, long length, Buffer pred, Buffer target, Buffer weight, Buffer dloss, Buffer dpred) {
        double twice = 2.0 * floats(dloss).get(0);
        blocks.forEach(images, length, (w, image, at, count) -> {
            float factor = (float) (twice * weight(weight, image) / (images * length));
            float[] a = Blocks.read(w, 0, pred, at, count);
            float[] b = Blocks.read(w, 1, target, at, count);
            for (int i = 0; i < count; i++) {
                a[i] = factor * (a[i] - b[i]);
            }
            floats(dpred).put(at, a, 0, count);
        });
    }

    @Override
    public void hybrid(
            HybridLoss g,
            Buffer pred,
            Buffer target,
            Buffer xt,
            Buffer weight,
            Buffer row,
            Buffer table,
            Buffer perImage,
            Buffer loss) {
        hybrid.forward(g, new CpuHybridLoss.Given(pred, target, xt, weight, row, table), perImage, loss);
    }

    @Override
    public void hybridBackward(
            HybridLoss g,
            Buffer pred,
            Buffer target,
            Buffer xt,
            Buffer weight,
            Buffer row,
            Buffer table,
            Buffer dloss,
            Buffer dpred) {
        hybrid.backward(g, new CpuHybridLoss.Given(pred, target, xt, weight, row, table), dloss, dpred);
    }

    @Override
    public void keep(long images, long whole, Buffer batch, Buffer update, Buffer row, Buffer loss, Buffer kept) {
        int slot = ints(update).get(UpdateNumbers.SLOT);
        int first = ints(batch).get(BatchNumbers.FIRST_ROW);
        for (int i = 0; i < images; i++) {
            int at = Math.toIntExact(2 * (slot * whole + first + i));
            floats(kept).put(at, ints(row).get(i)).put(at + 1, floats(loss).get(i));
        }
    }

    private static double weight(Buffer weight, int image) {
        return weight == null ? 1 : floats(weight).get(image);
    }

    @Override
    public void crossEntropy(long rows, long classes, Buffer x, Buffer label, Buffer logSum, Buffer perRow) {
        int width = Math.toIntExact(classes);
        workers.forEach(rows, (w, i) -> {
            float[] row = w.floats(0, width);
            floats(x).get((int) i * width, row, 0, width);
            float most = Float.NEGATIVE_INFINITY;
            for (int k = 0; k < width; k++) {
                most = Math.max(most, row[k]);
            }
            double sum = 0;
            for (int k = 0; k < width; k++) {
                sum += Math.exp((double) row[k] - most);
            }
            double log = most + Math.log(sum);
            int of = ints(label).get((int) i);
            floats(logSum).put((int) i, (float) log);
            floats(perRow).put((int) i, of >= 0 && of < width ? (float) (log - row[of]) : Float.NaN);
        });
    }

    @Override
    public void crossEntropyBackward(
            long rows, long classes, Buffer x, Buffer label, Buffer logSum, Buffer dloss, Buffer dx) {
        int width = Math.toIntExact(classes);
        float factor = (float) (floats(dloss).get(0) / (double) rows);
        workers.forEach(rows, (w, i) -> {
            float[] row = w.floats(0, width);
            floats(x).get((int) i * width, row, 0, width);
            float log = floats(logSum).get((int) i);
            int of = ints(label).get((int) i);
            for (int k = 0; k < width; k++) {
                row[k] = factor * ((float) Math.exp(row[k] - log) - (k == of ? 1 : 0));
            }
            floats(dx).put((int) i * width, row, 0, width);
        });
    }

    @Override
    public void sum(long n, float factor, Buffer x, Buffer y) {
        double sum = blocks.sum(n, (w, at, length) -> {
            float[] a = Blocks.read(w, 0, x, at, length);
            double s = 0;
            for (int i = 0; i < length; i++) {
                s += a[i];
            }
            return s;
        });
        floats(y).put(0, (float) (factor * sum));
    }
}
