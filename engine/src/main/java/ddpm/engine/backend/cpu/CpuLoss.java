package ddpm.engine.backend.cpu;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.LossOps;
import java.nio.FloatBuffer;

/** Reductions in double, block by block; the blocks do not depend on the number of threads. */
final class CpuLoss implements LossOps {
    private final Blocks blocks;

    CpuLoss(Blocks blocks) {
        this.blocks = blocks;
    }

    @Override
    public void mse(long n, Buffer pred, Buffer target, Buffer loss) {
        double sum = blocks.sum(n, (w, at, length) -> {
            float[] a = Blocks.read(w, 0, pred, at, length);
            float[] b = Blocks.read(w, 1, target, at, length);
            double s = 0;
            for (int i = 0; i < length; i++) {
                double d = (double) a[i] - b[i];
                s += d * d;
            }
            return s;
        });
        floats(loss).put(0, (float) (sum / n));
    }

    @Override
    public void mseBackward(long n, Buffer pred, Buffer target, Buffer dloss, Buffer dpred) {
        float factor = (float) (2.0 * floats(dloss).get(0) / n);
        blocks.forEach(n, (w, at, length) -> {
            float[] a = Blocks.read(w, 0, pred, at, length);
            float[] b = Blocks.read(w, 1, target, at, length);
            for (int i = 0; i < length; i++) {
                a[i] = factor * (a[i] - b[i]);
            }
            floats(dpred).put(at, a, 0, length);
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

    private static FloatBuffer floats(Buffer b) {
        return ((CpuBuffer) b).floats();
    }
}
