package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;
import static ddpm.engine.backend.cpu.memory.CpuBuffer.ints;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.LabelOps;
import ddpm.engine.backend.LabelOps.Guide;
import ddpm.engine.backend.LabelOps.LabelDraw;
import ddpm.engine.backend.LabelOps.Labels;
import ddpm.engine.backend.cpu.team.Blocks;
import ddpm.engine.backend.cpu.team.Workers;
import ddpm.engine.random.Permutation;
import ddpm.engine.random.Philox;
import java.nio.IntBuffer;
import java.util.Arrays;

/** What a network is told of an image, one image at a time; the backward of an embedding one class at a time. */
final class CpuLabel implements LabelOps {
    private final Workers workers;

    CpuLabel(Workers workers) {
        this.workers = workers;
    }

    @Override
    public void embedding(Labels g, Buffer label, Buffer table, Buffer y) {
        int dim = Math.toIntExact(g.dim());
        workers.forEach(g.n(), (w, i) -> {
            int of = ints(label).get((int) i);
            float[] row = w.floats(0, dim);
            if (of >= 0 && of < g.classes()) {
                floats(table).get(of * dim, row, 0, dim);
            } else {
                Arrays.fill(row, 0, dim, of == Labels.NONE ? 0 : Float.NaN);
            }
            floats(y).put((int) i * dim, row, 0, dim);
        });
    }

    @Override
    public void embeddingBackward(Labels g, Buffer label, Buffer dy, Buffer dtable) {
        int dim = Math.toIntExact(g.dim());
        workers.forEach(g.classes(), (w, k) -> {
            float[] sum = w.floats(0, dim);
            float[] term = w.floats(1, dim);
            Arrays.fill(sum, 0, dim, 0);
            for (int i = 0; i < g.n(); i++) {
                if (ints(label).get(i) == k) {
                    floats(dy).get(i * dim, term, 0, dim);
                    for (int d = 0; d < dim; d++) {
                        sum[d] += term[d];
                    }
                }
            }
            floats(dtable).put((int) k * dim, sum, 0, dim);
        });
    }

    @Override
    public void draw(LabelDraw g, Buffer numbers, Buffer labels, Buffer label) {
        IntBuffer now = ints(numbers);
        int position = now.get(BatchNumbers.POSITION);
        Permutation order = new Permutation(g.images(), g.seed(), now.get(BatchNumbers.EPOCH));
        for (int i = 0; i < g.n(); i++) {
            long row = now.get(BatchNumbers.FIRST_ROW) + i; // number of the row within the whole batch
            long bits = Philox.word(g.seed(), g.drops(), row, now.get(BatchNumbers.STEP));
            boolean none = bits < g.threshold() || position + i >= g.images();
            ints(label).put(i, none ? Labels.NONE : ints(labels).get(order.at(position + i)));
        }
    }

    @Override
    public void twice(long n, Buffer x, Buffer y) {
        new Blocks(workers).forEach(n, (w, at, length) -> {
            float[] values = Blocks.read(w, 0, x, at, length);
            floats(y).put(at, values, 0, length);
            floats(y).put(Math.toIntExact(n) + at, values, 0, length);
        });
    }

    @Override
    public void guide(Guide g, Buffer f, Buffer factor, Buffer y) {
        int length = Math.toIntExact(g.output().pixels() * g.output().c());
        int half = Math.toIntExact(g.output().count());
        int channels = Math.toIntExact(g.output().c());
        workers.forEach(g.output().n(), (w, n) -> {
            float[] cond = w.floats(0, length);
            float[] guided = w.floats(1, length);
            floats(f).get((int) n * length, cond, 0, length);
            floats(f).get(half + (int) n * length, guided, 0, length);
            for (int i = 0; i < length; i++) {
                guided[i] = i % channels < g.channels() ? guided[i] + g.scale() * (cond[i] - guided[i]) : cond[i];
            }
            if (g.rescale() != 0) {
                float by = factor(g, cond, guided, length);
                floats(factor).put((int) n, by);
                for (int i = 0; i < length; i++) {
                    guided[i] = i % channels < g.channels() ? by * guided[i] : guided[i];
                }
            }
            floats(y).put((int) n * length, guided, 0, length);
        });
    }

    private static float factor(Guide g, float[] cond, float[] guided, int length) {
        GuidedChannels of = new GuidedChannels(length, (int) g.output().c(), (int) g.channels());
        double before = of.squares(cond);
        double after = of.squares(guided);
        double ratio = after == 0 ? 1 : Math.sqrt(before / after);
        return (float) (g.rescale() * ratio + (1.0 - g.rescale()));
    }

    /** Some channels of an image of {@code length} values. */
    private record GuidedChannels(int length, int channels, int guided) {
        private static final int LANES = 256; // threads of guide_factor

        /** Sum of squared distances from the mean. */
        double squares(float[] image) {
            int count = length / channels * guided;
            double mean = sum(image, count, 0, false) / count;
            return sum(image, count, mean, true);
        }

        /** As a block of threads adds: lanes, then halves of them. */
        private double sum(float[] image, int count, double mean, boolean squared) {
            double[] lanes = new double[LANES];
            for (int e = 0; e < count; e++) {
                double d = image[e / guided * channels + e % guided] - mean;
                lanes[e % LANES] += squared ? d * d : d;
            }
            for (int left = LANES / 2; left > 0; left /= 2) {
                for (int l = 0; l < left; l++) {
                    lanes[l] += lanes[l + left];
                }
            }
            return lanes[0];
        }
    }
}
